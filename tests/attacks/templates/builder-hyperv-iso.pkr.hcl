# expect: deny template/builder
# a builder that was not granted
source "hyperv-iso" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.hyperv-iso.vm"]
}
