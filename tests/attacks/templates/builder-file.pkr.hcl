# expect: deny template/builder
# a builder that was not granted
source "file" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.file.vm"]
}
