# expect: deny template/expression
# a computed project
variable "p" {
  default = "team-images"
}
source "googlecompute" "vm" {
  project_id          = var.p
  zone                = "europe-west4-b"
  source_image_family = "ubuntu-2404-lts-amd64"
  image_name          = "base"
  ssh_username        = "ubuntu"
}
build {
  sources = ["source.googlecompute.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
