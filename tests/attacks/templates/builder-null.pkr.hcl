# expect: deny template/builder
# a builder that was not granted
source "null" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.null.vm"]
}
