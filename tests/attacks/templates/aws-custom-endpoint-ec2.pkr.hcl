# expect: deny template/pinned
# `custom_endpoint_ec2`: redirects, publishes, deletes, reads the host or gives rights
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
  custom_endpoint_ec2 = "https://evil.example"
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
