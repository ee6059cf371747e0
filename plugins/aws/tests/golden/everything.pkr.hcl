packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.3.7"
    }
  }
}

source "amazon-ebs" "sindri" {
  region          = "eu-central-1"
  instance_type   = "m7i.xlarge"
  ssh_username    = "ubuntu"
  ami_name        = "sindri-dev-20261122093005"
  ami_description = "Sindri development image"

  source_ami = "ami-0123456789abcdef0"

  launch_block_device_mappings {
    device_name           = "/dev/sda1"
    volume_type           = "gp3"
    volume_size           = 120
    delete_on_termination = true
    iops                  = 6000
    throughput            = 500
    encrypted             = true
    kms_key_id            = "alias/images"
  }

  imds_support = "v2.0"
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }

  vpc_id = "vpc-0123abcd"
  subnet_id = "subnet-0123abcd"
  security_group_id = "sg-0123abcd"
  iam_instance_profile = "builder"
  associate_public_ip_address = false
  ami_regions = ["eu-west-1", "eu-central-1"]
  ami_users = ["123456789012"]
  tags            = { "BuildDate" = "2026-11-22", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0" }
  snapshot_tags   = { "BuildDate" = "2026-11-22", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0" }
  run_tags        = { "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriRunId" = "abcdef012345" }
  run_volume_tags = { "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriRunId" = "abcdef012345" }
}
