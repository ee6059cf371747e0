source "googlecompute" "sindri" {
  project_id   = "my-project"
  zone         = "us-west1-a"
  machine_type = "e2-standard-4"
  ssh_username = "ubuntu"

  source_image_family = "ubuntu-2404-lts-amd64"
  source_image_project_id = ["ubuntu-os-cloud"]

  instance_name = "sindri-abcdef012345-7011f96d"
  disk_name     = "sindri-abcdef012345-7011f96d"
  disk_size     = 80
  disk_type     = "pd-ssd"
  state_timeout = "20m"

  image_name        = "sindri-dev-20261122093005"
  image_description = "Sindri development image"

  omit_external_ip = false
  use_internal_ip  = false

  enable_secure_boot          = false
  enable_vtpm                 = true
  enable_integrity_monitoring = true
  disable_default_service_account = true

  image_labels = { "build-date" = "2026-11-22", "managed-by" = "sindri", "name" = "sindri-dev", "sindri-cache-key" = "0123456789abcdef", "sindri-profile" = "minimal", "sindri-run-id" = "abcdef012345", "sindri-version" = "3_0_0" }
  labels       = { "managed-by" = "sindri", "name" = "sindri-dev", "sindri-run-id" = "abcdef012345" }
}
