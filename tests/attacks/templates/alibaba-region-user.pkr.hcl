# expect: deny template/value
# a place that becomes a host name, or is not written out
source "alicloud-ecs" "vm" {
  region = "a@evil"
  source_image  = "ubuntu_24_04_x64_20G_alibase_20250101.vhd"
  instance_type = "ecs.g7.large"
  image_name    = "base"
  ssh_username  = "root"
}
build {
  sources = ["source.alicloud-ecs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
