# expect: allow
# all of what a template for Google may say
source "googlecompute" "vm" {
  project_id          = "team-images"
  zone                = "europe-west4-b"
  source_image_family = "ubuntu-2404-lts-amd64"
  image_name          = "base"
  ssh_username        = "ubuntu"
  machine_type = "e2-medium"
  disk_size = 20
  disk_type = "pd-ssd"
  image_family = "base"
  image_description = "built ${timestamp()}"
  image_labels = { team = "x" }
  labels = { a = "b" }
  tags = ["build"]
  network = "default"
  subnetwork = "default"
  source_image_project_id = ["ubuntu-os-cloud"]
  image_storage_locations = ["eu"]
  enable_secure_boot = true
  enable_vtpm = true
  disable_default_service_account = true
  metadata = { enable-oslogin = "FALSE" }
}
build {
  sources = ["source.googlecompute.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
