# expect: deny template/attribute
# `packer_sensitive_variables`: redirects, reads keys, opens listeners or belongs to Packer
source "alicloud-ecs" "vm" {
  region        = "eu-central-1"
  source_image  = "ubuntu_24_04_x64_20G_alibase_20250101.vhd"
  instance_type = "ecs.g7.large"
  image_name    = "base"
  ssh_username  = "root"
  packer_sensitive_variables = ["x"]
}
build {
  sources = ["source.alicloud-ecs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
