source "amazon-ebs" "sindri" {
  region          = "us-west-2"
  instance_type   = "t3.large"
  ssh_username    = "ubuntu"
  ami_name        = "sindri-dev-20261122093005"
  ami_description = "Sindri development image"

  source_ami_filter {
    filters     = { "architecture" = "x86_64", "name" = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*", "root-device-type" = "ebs", "virtualization-type" = "hvm" }
    owners      = ["099720109477"]
    most_recent = true
  }

  launch_block_device_mappings {
    device_name           = "/dev/sda1"
    volume_type           = "gp3"
    volume_size           = 80
    delete_on_termination = true
    iops                  = 3000
    throughput            = 125
    encrypted             = true
  }

  tags            = { "BuildDate" = "2026-11-22", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0" }
  snapshot_tags   = { "BuildDate" = "2026-11-22", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0" }
  run_tags        = { "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriRunId" = "abcdef012345" }
  run_volume_tags = { "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriRunId" = "abcdef012345" }
}
