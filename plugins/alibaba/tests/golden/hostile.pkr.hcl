packer {
  required_plugins {
    alicloud = {
      source  = "github.com/hashicorp/alicloud"
      version = ">= 1.1.2"
    }
  }
}

source "alicloud-ecs" "sindri" {
  region            = "cn-hangzhou"
  instance_type     = "ecs.g6.xlarge"
  ssh_username      = "root"
  image_name        = "sindri-dev-20261122093005"
  image_description = "\"q\" \\ $${file(\"/etc/passwd\")} %%{ if true } {{`{{`}} env `HOME` }} {{`{{`}}`{{`{{`}}`}} \u0024$${x} \u00fc \U0001f600"
  image_family      = "acs:ubuntu_24_04_x64"

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

  tags     = { "BuildDate" = "2026-11-22", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0", "note" = "\"q\" \\ $${file(\"/etc/passwd\")} %%{ if true } {{`{{`}} env `HOME` }} {{`{{`}}`{{`{{`}}`}} \u0024$${x} \u00fc \U0001f600" }
  run_tags = { "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriRunId" = "abcdef012345" }
}
