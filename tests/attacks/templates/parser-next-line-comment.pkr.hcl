# expect: deny template/syntax
# U+0085 ends a comment for an editor
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
  # xami_users = ["1"]
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
