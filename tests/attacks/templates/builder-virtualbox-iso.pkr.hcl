# expect: deny template/builder
# a builder that was not granted
source "virtualbox-iso" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.virtualbox-iso.vm"]
}
