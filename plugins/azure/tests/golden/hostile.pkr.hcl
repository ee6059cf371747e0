packer {
  required_plugins {
    azure = {
      source  = "github.com/hashicorp/azure"
      version = ">= 2.1.4"
    }
  }
}

source "azure-arm" "sindri" {
  location                 = "westus2"
  vm_size                  = "Standard_D4s_v4"
  os_type                  = "Linux"
  ssh_username             = "ubuntu"
  temp_resource_group_name = "sindri-abcdef012345"

  image_publisher = "Canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"

  os_disk_size_gb                    = 80
  managed_image_storage_account_type = "Premium_LRS"

  managed_image_name                = "sindri-dev-20261122093005"
  managed_image_resource_group_name = "images"

  azure_tags = { "BuildDate" = "2026-11-22", "Description" = "\"q\" \\ $${file(\"/etc/passwd\")} %%{ if true } {{`{{`}} env `HOME` }} {{`{{`}}`{{`{{`}}`}} \u0024$${x} \n\t \u00fc", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0", "note" = "\"q\" \\ $${file(\"/etc/passwd\")} %%{ if true } {{`{{`}} env `HOME` }} {{`{{`}}`{{`{{`}}`}} \u0024$${x} \n\t \u00fc" }
}

build {
  name    = "generalize"
  sources = ["source.azure-arm.sindri"]

  provisioner "shell" {
    inline = ["sudo -n /usr/sbin/waagent -force -deprovision", "sync"]
  }
}
