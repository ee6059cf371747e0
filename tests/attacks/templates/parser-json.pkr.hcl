# expect: deny template/syntax
# the JSON syntax of Packer is not HCL
{"source": {"amazon-ebs": {"vm": {"region": "x"}}}}
