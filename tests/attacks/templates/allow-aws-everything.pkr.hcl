# expect: allow
# all of what a template for AWS may say
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
  vpc_id = "vpc-1"
  subnet_id = "subnet-1"
  associate_public_ip_address = true
  ebs_optimized = true
  ena_support = true
  encrypt_boot = true
  imds_support = "v2.0"
  ami_virtualization_type = "hvm"
  shutdown_behavior = "terminate"
  availability_zone = "eu-west-1a"
  deprecate_at = "2030-01-01T00:00:00Z"
  tags = { Name = "base", "team:owner" = "x" }
  run_tags = { a = "b" }
  run_volume_tags = { a = "b" }
  snapshot_tags = { a = "b" }
  launch_block_device_mappings {
    device_name = "/dev/sda1"
    volume_size = 40
    volume_type = "gp3"
    iops = 3000
    throughput = 125
    encrypted = true
    delete_on_termination = true
  }
  metadata_options {
    http_endpoint = "enabled"
    http_tokens = "required"
    http_put_response_hop_limit = 1
  }
  aws_polling {
    delay_seconds = 30
    max_attempts = 50
  }
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
