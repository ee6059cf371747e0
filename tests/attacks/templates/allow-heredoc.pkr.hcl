# expect: allow
# heredocs with one possible end
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
  ami_description = <<EOT
  a line
    another, with EOT inside and 100% $5
  EOT
  user_data = <<-END
    #cloud-config
    packages: [curl]
    END
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
