packer {
  required_plugins {
    alicloud = {
      source  = "github.com/hashicorp/alicloud"
      version = ">= 1.1.2"
    }
  }
}

source "alicloud-ecs" "sindri" {
  region            = "eu-central-1"
  instance_type     = "ecs.g8i.2xlarge"
  ssh_username      = "root"
  image_name        = "sindri-dev-20261122093005"
  image_description = "Sindri development image"
  source_image      = "m-gw8abcdefgh"

  instance_name           = "sindri-run-abcdef012345"
  temporary_key_pair_name = "sindri-run-abcdef012345"
  vpc_id                  = "vpc-gw8abcdefgh"
  vswitch_id              = "vsw-gw8abcdefgh"
  security_group_id       = "sg-gw8abcdefgh"

  associate_public_ip_address = true
  internet_charge_type        = "PayByBandwidth"
  internet_max_bandwidth_out  = 50

  system_disk_mapping {
    disk_category = "cloud_essd"
    disk_size     = 500
  }

  image_copy_regions = ["cn-hangzhou", "us-west-1"]
  image_copy_names   = ["sindri-dev-20261122093005", "sindri-dev-20261122093005"]
  tags     = { "BuildDate" = "2026-11-22", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0" }
  run_tags = { "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriRunId" = "abcdef012345" }
}
