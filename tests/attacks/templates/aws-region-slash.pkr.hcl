# expect: deny template/value
# a place that becomes a host name, or is not written out
source "amazon-ebs" "vm" {
  region = "evil/x"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
