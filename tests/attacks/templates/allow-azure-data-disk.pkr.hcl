# expect: allow
# a data disk to be reviewed
source "azure-arm" "vm" {
  location                          = "northeurope"
  vm_size                           = "Standard_D2s_v5"
  os_type                           = "Linux"
  image_publisher                   = "Canonical"
  image_offer                       = "ubuntu-24_04-lts"
  image_sku                         = "server"
  managed_image_name                = "base"
  managed_image_resource_group_name = "images"
  disk_additional_size = [32, 64]
}
build {
  sources = ["source.azure-arm.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
