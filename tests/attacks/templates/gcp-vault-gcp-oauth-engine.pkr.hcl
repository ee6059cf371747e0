# expect: deny template/attribute
# `vault_gcp_oauth_engine`: redirects, publishes, deletes, reads the host or gives rights
source "googlecompute" "vm" {
  project_id          = "team-images"
  zone                = "europe-west4-b"
  source_image_family = "ubuntu-2404-lts-amd64"
  image_name          = "base"
  ssh_username        = "ubuntu"
  vault_gcp_oauth_engine = "x"
}
build {
  sources = ["source.googlecompute.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
