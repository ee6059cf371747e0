# expect: deny template/builder
# a builder that was not granted
source "amazon-ebsvolume" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.amazon-ebsvolume.vm"]
}
