source "hcloud" "sindri" {
  location        = "hel1"
  server_type     = "cax21"
  image           = "12345"
  server_name     = "sindri-abcdef012345-7011f96d"
  ssh_username    = "root"
  snapshot_name   = "sindri-dev-20261122093005"
  snapshot_labels = { "BuildDate" = "2026-11-22", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0" }
}
