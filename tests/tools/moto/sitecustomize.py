"""Deprecation of images, which moto does not know. Python reads this file at start from a folder of PYTHONPATH."""

import sys

if any(argument.endswith("moto_server") for argument in sys.orig_argv):
    from moto.core.responses import ActionResult
    from moto.ec2.models import amis as models
    from moto.ec2.responses.amis import AmisResponse

    def change(response, time):
        image = response._get_param("ImageId")
        response.error_on_dryrun()
        if image not in response.ec2_backend.amis:
            raise models.InvalidAMIIdError(image)
        response.ec2_backend.amis[image].deprecation_time = time
        return ActionResult({"Return": True})

    def enable(response):
        return change(response, response._get_param("DeprecateAt").strftime("%Y-%m-%dT%H:%M:%S.000Z"))

    AmisResponse.enable_image_deprecation = enable
    AmisResponse.disable_image_deprecation = lambda self: change(self, None)
