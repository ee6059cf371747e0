# expect: deny template/builder
# a builder that was not granted
source "amazon-ebs-x" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.amazon-ebs-x.vm"]
}
