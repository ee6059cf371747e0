# expect: allow
# all of what a template for Oracle may say
source "oracle-oci" "vm" {
  availability_domain = "Uocm:EU-FRANKFURT-1-AD-1"
  compartment_ocid    = "ocid1.compartment.oc1..bbbb"
  base_image_ocid     = "ocid1.image.oc1..bbbb"
  shape               = "VM.Standard.E5.Flex"
  subnet_ocid         = "ocid1.subnet.oc1..bbbb"
  image_name          = "base"
  ssh_username        = "ubuntu"
  region = "eu-frankfurt-1"
  instance_name = "build"
  disk_size = 50
  use_private_ip = false
  tags = { team = "x" }
  instance_tags = { a = "b" }
  metadata = { team = "x" }
  shape_config {
    ocpus = 2
    memory_in_gbs = 16
  }
  create_vnic_details {
    assign_public_ip = true
    display_name = "build"
  }
}
build {
  sources = ["source.oracle-oci.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
