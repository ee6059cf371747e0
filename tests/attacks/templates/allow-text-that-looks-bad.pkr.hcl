# expect: allow
# words of attacks in texts
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
  ami_description = "see file(\"/etc/shadow\"), shell-local, ../../x, --endpoint-url and <<EOT"
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "shell" {
    inline = ["# provisioner \"shell-local\" {", "cat /proc/self/environ > /dev/null", "echo 'EOT'"]
  }
}
