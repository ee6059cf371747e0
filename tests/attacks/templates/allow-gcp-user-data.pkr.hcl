# expect: allow
# user data as text
source "googlecompute" "vm" {
  project_id          = "team-images"
  zone                = "europe-west4-b"
  source_image_family = "ubuntu-2404-lts-amd64"
  image_name          = "base"
  ssh_username        = "ubuntu"
  metadata = { startup-script = "#!/bin/sh\ntrue\n", team = "images" }
}
build {
  sources = ["source.googlecompute.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
