packer {
  required_plugins {
    azure = {
      source  = "github.com/hashicorp/azure"
      version = ">= 2.1.4"
    }
  }
}

source "azure-arm" "sindri" {
  location                 = "westeurope"
  vm_size                  = "Standard_E4-2ds_v5"
  os_type                  = "Linux"
  ssh_username             = "ubuntu"
  temp_resource_group_name = "sindri-abcdef012345"

  image_publisher = "Canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"

  os_disk_size_gb                    = 128
  managed_image_storage_account_type = "StandardSSD_LRS"

  shared_image_gallery_destination {
    subscription   = "00000000-0000-0000-0000-000000000001"
    resource_group = "images"
    gallery_name   = "golden"
    image_name     = "sindri"
    image_version  = "1.2.3"
    replication_regions = ["eastus", "westeurope"]
  }

  security_type       = "TrustedLaunch"
  secure_boot_enabled = false
  vtpm_enabled        = true

  virtual_network_name = "net"
  virtual_network_subnet_name = "build"
  virtual_network_resource_group_name = "network"
  private_virtual_network_with_public_ip = true

  spot {
    eviction_policy = "Delete"
    max_price = "0.25"
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
