# expect: deny template/block
# no source at all
locals {
  a = 1
}
