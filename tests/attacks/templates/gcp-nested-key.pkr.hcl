# expect: deny template/pinned
# an attribute of a nested block
source "googlecompute" "vm" {
  project_id          = "team-images"
  zone                = "europe-west4-b"
  source_image_family = "ubuntu-2404-lts-amd64"
  image_name          = "base"
  ssh_username        = "ubuntu"
  image_encryption_key {
    kmsKeyName = "x"
  }
}
build {
  sources = ["source.googlecompute.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
