# expect: deny template/block
# a name with code in it
source "amazon-ebs" "vm{{ env `HOME` }}" {
  region = "eu-west-1"
}
