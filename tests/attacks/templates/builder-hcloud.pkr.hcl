# expect: deny template/builder
# a builder that was not granted
source "hcloud" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.hcloud.vm"]
}
