# expect: allow
# a shell step with everything
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "shell" {
    inline              = ["reboot"]
    environment_vars    = ["DEBIAN_FRONTEND=noninteractive", "A=b c='d'"]
    inline_shebang      = "/bin/bash -e"
    expect_disconnect   = true
    valid_exit_codes    = [0, 1]
    pause_before        = "30s"
    start_retry_timeout = "5m"
    timeout             = "1h30m"
    max_retries         = 3
  }
}
