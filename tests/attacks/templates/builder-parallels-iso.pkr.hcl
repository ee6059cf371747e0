# expect: deny template/builder
# a builder that was not granted
source "parallels-iso" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.parallels-iso.vm"]
}
