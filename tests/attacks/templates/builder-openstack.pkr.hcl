# expect: deny template/builder
# a builder that was not granted
source "openstack" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.openstack.vm"]
}
