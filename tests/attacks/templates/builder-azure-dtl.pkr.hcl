# expect: deny template/builder
# a builder that was not granted
source "azure-dtl" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.azure-dtl.vm"]
}
