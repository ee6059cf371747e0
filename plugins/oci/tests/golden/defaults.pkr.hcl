packer {
  required_plugins {
    oracle = {
      source  = "github.com/hashicorp/oracle"
      version = ">= 1.1.1"
    }
  }
}

source "oracle-oci" "sindri" {
  compartment_ocid    = "ocid1.compartment.oc1..aaaaaaaacompartment"
  availability_domain = "Uocm:US-ASHBURN-AD-1"
  subnet_ocid         = "ocid1.subnet.oc1.iad.aaaaaaaasubnet"
  shape               = "VM.Standard.E4.Flex"
  disk_size           = 80
  ssh_username        = "ubuntu"
  image_name          = "sindri-dev-20261122093005"
  instance_name       = "sindri-abcdef012345"

  shape_config {
    ocpus         = 2
    memory_in_gbs = 16
  }

  base_image_filter {
    operating_system         = "Canonical Ubuntu"
    operating_system_version = "24.04"
    display_name_search      = "^Canonical-Ubuntu-24\\.04-[0-9]{4}\\.[0-9]{2}\\.[0-9]{2}-[0-9]+$"
  }

  use_private_ip = false
  create_vnic_details {
    assign_public_ip = true
    tags             = { "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriPurpose" = "build", "SindriRunId" = "abcdef012345" }
  }

  instance_options_are_legacy_imds_endpoints_disabled = true

  tags          = { "BuildDate" = "2026-11-22", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0" }
  instance_tags = { "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriPurpose" = "build", "SindriRunId" = "abcdef012345" }
}
