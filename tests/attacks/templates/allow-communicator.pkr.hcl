# expect: allow
# how the machine is reached, harmlessly
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
  communicator = "ssh"
  ssh_port = 2222
  ssh_timeout = "10m"
  ssh_pty = true
  ssh_handshake_attempts = 20
  ssh_keep_alive_interval = "5s"
  ssh_read_write_timeout = "5m"
  ssh_clear_authorized_keys = true
  ssh_disable_agent_forwarding = true
  pause_before_connecting = "10s"
  temporary_key_pair_type = "ed25519"
  temporary_security_group_source_public_ip = true
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
