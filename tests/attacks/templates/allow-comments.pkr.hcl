# expect: allow
# comments with anything in them
# provisioner "shell-local" { inline = ["id"] }
// ${file("/etc/passwd")} {{ env `HOME` }} <<EOT
/* data "http" "x" { url = "http://169.254.169.254/" }
   } ] ) " ünïcödé 日本語 */
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
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
