# expect: deny template/builder
# a builder that was not granted
source "vsphere-iso" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.vsphere-iso.vm"]
}
