# expect: deny template/value
# an attribute of a nested block
source "alicloud-ecs" "vm" {
  region        = "eu-central-1"
  source_image  = "ubuntu_24_04_x64_20G_alibase_20250101.vhd"
  instance_type = "ecs.g7.large"
  image_name    = "base"
  ssh_username  = "root"
  system_disk_mapping {
    disk_size = 999999
  }
}
build {
  sources = ["source.alicloud-ecs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
