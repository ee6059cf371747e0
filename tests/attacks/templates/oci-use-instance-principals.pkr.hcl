# expect: deny template/attribute
# `use_instance_principals`: redirects, publishes, deletes, reads the host or gives rights
source "oracle-oci" "vm" {
  availability_domain = "Uocm:EU-FRANKFURT-1-AD-1"
  compartment_ocid    = "ocid1.compartment.oc1..bbbb"
  base_image_ocid     = "ocid1.image.oc1..bbbb"
  shape               = "VM.Standard.E5.Flex"
  subnet_ocid         = "ocid1.subnet.oc1..bbbb"
  image_name          = "base"
  ssh_username        = "ubuntu"
  use_instance_principals = true
}
build {
  sources = ["source.oracle-oci.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
