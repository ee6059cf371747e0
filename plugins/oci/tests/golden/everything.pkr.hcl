packer {
  required_plugins {
    oracle = {
      source  = "github.com/hashicorp/oracle"
      version = ">= 1.1.1"
    }
  }
}

source "oracle-oci" "sindri" {
  region              = "eu-frankfurt-1"
  compartment_ocid    = "ocid1.compartment.oc1..aaaaaaaacompartment"
  availability_domain = "Uocm:US-ASHBURN-AD-1"
  subnet_ocid         = "ocid1.subnet.oc1.iad.aaaaaaaasubnet"
  shape               = "VM.Standard.E5.Flex"
  disk_size           = 200
  ssh_username        = "admin"
  image_name          = "sindri-dev-20261122093005"
  instance_name       = "sindri-abcdef012345"

  shape_config {
    ocpus         = 8
    memory_in_gbs = 64
  }

  base_image_ocid = "ocid1.image.oc1.eu-frankfurt-1.aaaaaaaabase"

  use_private_ip = true
  create_vnic_details {
    assign_public_ip = false
    nsg_ids          = ["ocid1.networksecuritygroup.oc1.iad.aaaaaaaagroup"]
    tags             = { "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriPurpose" = "build", "SindriRunId" = "abcdef012345" }
  }

  instance_options_are_legacy_imds_endpoints_disabled = true

  tags          = { "BuildDate" = "2026-11-22", "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriCacheKey" = "0123456789abcdef", "SindriProfile" = "minimal", "SindriRunId" = "abcdef012345", "SindriVersion" = "3.0.0" }
  instance_tags = { "ManagedBy" = "sindri", "Name" = "sindri-dev", "SindriPurpose" = "build", "SindriRunId" = "abcdef012345" }
}
