# expect: deny template/builder
# a builder that was not granted
source "digitalocean" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.digitalocean.vm"]
}
