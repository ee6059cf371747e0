# expect: deny template/attribute
# `skip_create_image`: redirects, publishes, deletes, reads the host or gives rights
source "alicloud-ecs" "vm" {
  region        = "eu-central-1"
  source_image  = "ubuntu_24_04_x64_20G_alibase_20250101.vhd"
  instance_type = "ecs.g7.large"
  image_name    = "base"
  ssh_username  = "root"
  skip_create_image = true
}
build {
  sources = ["source.alicloud-ecs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
