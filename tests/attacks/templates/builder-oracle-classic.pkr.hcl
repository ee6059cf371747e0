# expect: deny template/builder
# a builder that was not granted
source "oracle-classic" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.oracle-classic.vm"]
}
