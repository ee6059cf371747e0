# expect: allow
# a Windows machine over WinRM
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  communicator   = "winrm"
  winrm_username = "Administrator"
  winrm_use_ssl  = true
  winrm_port     = 5986
  winrm_timeout  = "30m"
  user_data      = "<powershell>\nwinrm quickconfig -q\n</powershell>"
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "powershell" {
    inline = ["Write-Host hi"]
  }
  provisioner "windows-shell" {
    inline = ["ver"]
  }
  provisioner "windows-restart" {
    restart_timeout = "15m"
  }
  provisioner "powershell" {
    scripts = ["scripts/a.ps1"]
    environment_vars = ["A=b"]
  }
}
