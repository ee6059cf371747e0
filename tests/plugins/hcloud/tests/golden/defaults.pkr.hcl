packer {
  required_plugins {
    hcloud = {
      source  = "github.com/hetznercloud/hcloud"
      version = ">= 1.2.0"
    }
  }
}

source "hcloud" "sindri" {
  location        = "fsn1"
  server_type     = "cx22"
  image           = "ubuntu-24.04"
  server_name     = "sindri-abcdef012345-7011f96d"
  server_labels   = { "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriRunId" = "abcdef012345" }
  ssh_username    = "root"
  snapshot_name   = "sindri-dev-20261122093005"
  snapshot_labels = { "BuildDate" = "2026-11-22", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0" }
}
