# expect: deny template/builder
# a builder that was not granted
source "lxc" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.lxc.vm"]
}
