# expect: deny template/attribute
# `ssh_private_key_file`: redirects, reads keys, opens listeners or belongs to Packer
source "azure-arm" "vm" {
  location                          = "northeurope"
  vm_size                           = "Standard_D2s_v5"
  os_type                           = "Linux"
  image_publisher                   = "Canonical"
  image_offer                       = "ubuntu-24_04-lts"
  image_sku                         = "server"
  managed_image_name                = "base"
  managed_image_resource_group_name = "images"
  ssh_private_key_file = "~/.ssh/id_rsa"
}
build {
  sources = ["source.azure-arm.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
