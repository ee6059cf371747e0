# expect: deny template/builder
# a builder that was not granted
source "docker" "vm" {
  region = "eu-west-1"
}
build {
  sources = ["source.docker.vm"]
}
