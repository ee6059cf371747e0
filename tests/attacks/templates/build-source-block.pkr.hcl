# expect: deny template/block
# a source within the build adds attributes
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
}
build {
  sources = ["source.amazon-ebs.vm"]
  source "amazon-ebs.vm" {
    ami_users = ["111122223333"]
  }
  provisioner "shell" {
    inline = ["true"]
  }
}
