# expect: allow
# pure local values
locals {
  now  = timestamp()
  day  = formatdate("YYYY-MM-DD", local.now)
  name = lower("  Base-Image ")
  tags = { Name = trimspace(local.name), built = local.day }
}
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
  ami_description = "built on ${local.day}"
  tags            = local.tags
  run_tags        = { purpose = upper("build") }
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
