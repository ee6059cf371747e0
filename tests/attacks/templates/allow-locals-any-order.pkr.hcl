# expect: allow
# local values before their declaration
locals {
  full = "${local.name}-${local.day}"
  name = "base"
}
locals {
  day = formatdate("YYYYMMDD", timestamp())
}
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
  ami_description = local.full
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
