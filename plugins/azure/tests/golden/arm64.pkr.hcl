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
  vm_size                  = "Standard_D4ps_v6"
  os_type                  = "Linux"
  ssh_username             = "ubuntu"
  temp_resource_group_name = "sindri-abcdef012345"

  image_publisher = "Canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server-arm64"

  os_disk_size_gb                    = 80
  managed_image_storage_account_type = "Premium_LRS"

  shared_image_gallery_destination {
    subscription   = "00000000-0000-0000-0000-000000000001"
    resource_group = "images"
    gallery_name   = "golden"
    image_name     = "sindri"
    image_version  = "2026.1122.93005"
    replication_regions = ["westeurope"]
  }

  azure_tags = { "BuildDate" = "2026-11-22", "Description" = "Sindri development image", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0" }
}

build {
  name    = "generalize"
  sources = ["source.azure-arm.sindri"]

  provisioner "shell" {
    inline = ["sudo -n /usr/sbin/waagent -force -deprovision", "sync"]
  }
}
