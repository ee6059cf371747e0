# expect: allow
# all of what a template for Alibaba may say
source "alicloud-ecs" "vm" {
  region        = "eu-central-1"
  source_image  = "ubuntu_24_04_x64_20G_alibase_20250101.vhd"
  instance_type = "ecs.g7.large"
  image_name    = "base"
  ssh_username  = "root"
  zone_id = "eu-central-1a"
  vpc_id = "vpc-1"
  vswitch_id = "vsw-1"
  image_description = "built"
  internet_charge_type = "PayByTraffic"
  internet_max_bandwidth_out = 10
  io_optimized = true
  associate_public_ip_address = true
  tags = { team = "x" }
  run_tags = { a = "b" }
  system_disk_mapping {
    disk_category = "cloud_essd"
    disk_size = 40
  }
}
build {
  sources = ["source.alicloud-ecs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
