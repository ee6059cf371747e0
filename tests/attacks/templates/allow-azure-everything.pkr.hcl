# expect: allow
# all of what a template for Azure may say
source "azure-arm" "vm" {
  location                          = "northeurope"
  vm_size                           = "Standard_D2s_v5"
  os_type                           = "Linux"
  image_publisher                   = "Canonical"
  image_offer                       = "ubuntu-24_04-lts"
  image_sku                         = "server"
  managed_image_name                = "base"
  managed_image_resource_group_name = "images"
  os_disk_size_gb = 64
  image_version = "latest"
  ssh_username = "packer"
  managed_image_storage_account_type = "Premium_LRS"
  disk_caching_type = "ReadWrite"
  security_type = "TrustedLaunch"
  secure_boot_enabled = true
  vtpm_enabled = true
  azure_tags = { team = "x", built = timestamp() }
}
build {
  sources = ["source.azure-arm.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
