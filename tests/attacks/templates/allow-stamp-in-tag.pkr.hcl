# expect: allow
# a function with a string in a string
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
  tags = { Name = "base-${formatdate("YYYYMMDDhhmmss", timestamp())}" }
  ami_description = <<EOT
  built ${formatdate("YYYY", timestamp())}
  EOT
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
