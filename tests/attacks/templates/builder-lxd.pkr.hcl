# expect: deny template/builder
# a builder that was not granted
source "lxd" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.lxd.vm"]
}
