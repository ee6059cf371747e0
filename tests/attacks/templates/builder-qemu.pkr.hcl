# expect: deny template/builder
# a builder that was not granted
source "qemu" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.qemu.vm"]
}
