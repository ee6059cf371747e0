# expect: allow
# variables of every type
variable "owner" {
  type        = string
  description = "Who asked for it."
  default     = "team-a"
}
variable "count" {
  type    = number
  default = 3
}
variable "names" {
  type    = list(string)
  default = ["a", "b"]
}
variable "labels" {
  type    = map(string)
  default = { a = "b" }
}
variable "on" {
  type    = bool
  default = true
}
variable "plain" {
  default = "x"
}
source "amazon-ebs" "vm" {
  region        = "eu-west-1"
  instance_type = "t3.medium"
  source_ami    = "ami-0a1b2c3d4e5f60718"
  ami_name      = "base"
  ssh_username  = "ubuntu"
  ami_description = "for ${var.owner}, ${var.count} times, ${var.on}"
  ebs_optimized   = var.on
  tags            = var.labels
}
build {
  sources = ["source.amazon-ebs.vm"]
  provisioner "shell" {
    inline = ["true"]
  }
}
