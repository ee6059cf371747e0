# expect: deny template/attribute
# `ssh_remote_tunnels`: redirects, reads keys, opens listeners or belongs to Packer
source "alicloud-ecs" "vm" {
  region        = "eu-central-1"
  source_image  = "ubuntu_24_04_x64_20G_alibase_20250101.vhd"
  instance_type = "ecs.g7.large"
  image_name    = "base"
  ssh_username  = "root"
  ssh_remote_tunnels = ["8181:169.254.169.254:80"]
}
build {
  sources = ["source.alicloud-ecs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
