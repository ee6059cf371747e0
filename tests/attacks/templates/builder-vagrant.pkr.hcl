# expect: deny template/builder
# a builder that was not granted
source "vagrant" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.vagrant.vm"]
}
