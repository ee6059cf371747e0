# expect: deny template/value
# `ssh_disable_agent_forwarding` with a value that is not safe
source "googlecompute" "vm" {
  project_id          = "team-images"
  zone                = "europe-west4-b"
  source_image_family = "ubuntu-2404-lts-amd64"
  image_name          = "base"
  ssh_username        = "ubuntu"
  ssh_disable_agent_forwarding = false
}
build {
  sources = ["source.googlecompute.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
