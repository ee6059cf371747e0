# expect: deny template/builder
# a builder that was not granted
source "azure-chroot" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.azure-chroot.vm"]
}
