# expect: allow
# several steps and a manifest
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
    inline = ["a"]
  }
  provisioner "file" {
    source = "files/a"
    destination = "/tmp/a"
  }
  provisioner "shell" {
    script = "scripts/b.sh"
  }
  post-processor "manifest" {
    output     = "out/manifest.json"
    strip_path = true
    strip_time = true
    custom_data = { by = "x" }
  }
}
