# expect: allow
# a Windows machine on Azure
source "azure-arm" "vm" {
  location                          = "northeurope"
  vm_size                           = "Standard_D2s_v5"
  os_type                           = "Windows"
  image_publisher                   = "MicrosoftWindowsServer"
  image_offer                       = "WindowsServer"
  image_sku                         = "2022-datacenter"
  managed_image_name                = "base"
  managed_image_resource_group_name = "images"
  communicator   = "winrm"
  winrm_use_ssl  = true
  winrm_username = "packer"
}
build {
  sources = ["source.azure-arm.vm"]
  provisioner "powershell" {
    inline = ["Write-Host hi"]
  }
}
