# expect: allow
# the content of a directory
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "file" {
    source      = "files/"
    destination = "/opt/app"
  }
}
