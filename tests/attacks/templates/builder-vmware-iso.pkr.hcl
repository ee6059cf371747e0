# expect: deny template/builder
# a builder that was not granted
source "vmware-iso" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.vmware-iso.vm"]
}
