# expect: deny template/value
# a place that becomes a host name, or is not written out
source "azure-arm" "vm" {
  location = "evil/x"
  vm_size                           = "Standard_D2s_v5"
  os_type                           = "Linux"
  image_publisher                   = "Canonical"
  image_offer                       = "ubuntu-24_04-lts"
  image_sku                         = "server"
  managed_image_name                = "base"
  managed_image_resource_group_name = "images"
}
build {
  sources = ["source.azure-arm.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
