# expect: deny template/builder
# a builder that was not granted
source "Amazon-EBS" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.Amazon-EBS.vm"]
}
