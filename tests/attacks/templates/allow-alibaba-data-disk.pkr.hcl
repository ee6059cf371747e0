# expect: allow
# a data disk to be reviewed
source "alicloud-ecs" "vm" {
  region        = "eu-central-1"
  source_image  = "ubuntu_24_04_x64_20G_alibase_20250101.vhd"
  instance_type = "ecs.g7.large"
  image_name    = "base"
  ssh_username  = "root"
  image_disk_mappings {
    disk_name = "data"
    disk_category = "cloud_essd"
    disk_size = 20
    disk_delete_with_instance = true
  }
}
build {
  sources = ["source.alicloud-ecs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
