# expect: deny template/builder
# a builder that was not granted
source "googlecompute-export" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.googlecompute-export.vm"]
}
