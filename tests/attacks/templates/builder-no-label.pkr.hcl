# expect: deny template/block
# a source without a name
source "amazon-ebs" {
  region = "eu-west-1"
}
