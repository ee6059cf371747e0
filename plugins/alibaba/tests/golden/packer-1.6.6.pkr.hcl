source "alicloud-ecs" "sindri" {
  region            = "cn-hangzhou"
  instance_type     = "ecs.g6.xlarge"
  ssh_username      = "root"
  image_name        = "sindri-dev-20261122093005"
  image_description = "Sindri development image"
  source_image      = "ubuntu_24_04_x64_20G_alibase_20260916.vhd"

  instance_name           = "sindri-run-abcdef012345"
  temporary_key_pair_name = "sindri-run-abcdef012345"
  vpc_name                = "sindri-run-abcdef012345"
  vswitch_name            = "sindri-run-abcdef012345"
  security_group_name     = "sindri-run-abcdef012345"

  associate_public_ip_address = true
  internet_charge_type        = "PayByTraffic"
  internet_max_bandwidth_out  = 10

  system_disk_mapping {
    disk_category = "cloud_essd"
    disk_size     = 80
  }

  tags     = { "BuildDate" = "2026-11-22", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0" }
}
