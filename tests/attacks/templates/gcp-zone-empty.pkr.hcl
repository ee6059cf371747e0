# expect: deny template/value
# a place that becomes a host name, or is not written out
source "googlecompute" "vm" {
  project_id          = "team-images"
  zone = ""
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
