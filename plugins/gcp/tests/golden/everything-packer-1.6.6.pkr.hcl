source "googlecompute" "sindri" {
  project_id   = "my-project"
  zone         = "europe-west4-b"
  machine_type = "g2-standard-4"
  on_host_maintenance = "TERMINATE"
  ssh_username = "ubuntu"

  source_image = "golden-base-1"
  source_image_project_id = ["base-images"]

  instance_name = "sindri-abcdef012345-7011f96d"
  disk_name     = "sindri-abcdef012345-7011f96d"
  disk_size     = 120
  disk_type     = "pd-balanced"
  state_timeout = "20m"

  image_name        = "sindri-dev-20261122093005"
  image_description = "Sindri development image"
  image_family = "sindri"
  image_storage_locations = ["eu"]
  image_encryption_key {
    kmsKeyName = "projects/p/locations/eu/keyRings/r/cryptoKeys/k"
  }

  network = "build"
  subnetwork = "build-west4"
  network_project_id = "shared-project"
  tags = ["build", "ssh"]
  omit_external_ip = true
  use_internal_ip  = true

  enable_secure_boot          = true
  enable_vtpm                 = true
  enable_integrity_monitoring = true
  service_account_email = "vm@my-project.iam.gserviceaccount.com"
  scopes                = ["https://www.googleapis.com/auth/cloud-platform"]

  image_labels = { "build-date" = "2026-11-22", "managed-by" = "sindri", "name" = "sindri-dev", "sindri-cache-key" = "0123456789abcdef", "sindri-profile" = "minimal", "sindri-run-id" = "abcdef012345", "sindri-version" = "3_0_0" }
  labels       = { "managed-by" = "sindri", "name" = "sindri-dev", "sindri-run-id" = "abcdef012345" }
}
