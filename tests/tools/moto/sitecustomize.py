"""What moto does not know: deprecation of images, policies that are bound to a resource's tags, EC2's refusals. Whatever a user with a policy
was allowed stands in the log. Python reads this file at start from a folder of PYTHONPATH."""

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

    import threading

    from moto.ec2.models import ec2_backends
    from moto.core.exceptions import AccessDeniedError
    from moto.iam.access_control import IAMPolicyStatement, IAMRequest, IAMRequestBase

    current = threading.local()
    tag = "aws:ResourceTag/"

    def tags_of_resources(request):
        """The tags of each resource that the request names."""
        backend = ec2_backends[request.account_id][request._region]
        for name, value in request._data.items():
            value = value[0] if isinstance(value, list) else value
            if name == "KeyName" and value in backend.key_pairs:
                value = backend.key_pairs[value].id
            if name == "KeyName" or name.split(".")[0].endswith("Id"):
                yield backend.tags.get(value, {})

    def check_conditions(statement, _values):
        wanted = statement._statement.get("Condition", {"StringEquals": {}})["StringEquals"]
        return all(
            name.startswith(tag) and tags.get(name[len(tag) :]) == value
            for tags in tags_of_resources(current.request)
            for name, value in wanted.items()
        )

    def check_permitted(request, resource, check=IAMRequestBase.check_action_permitted):
        current.request = request
        check(request, resource)
        print("permitted", request._access_key.arn, request._action, file=sys.stderr, flush=True)

    def refuse(request):
        """In the form that EC2's clients read; moto's is IAM's."""
        error = AccessDeniedError(request._access_key.arn, request._action)
        if request._service == "ec2":
            error.description = (
                "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>"
                f"You are not authorized to perform: {request._action}"
                "</Message></Error></Errors><RequestID>0</RequestID></Response>"
            )
        raise error

    IAMRequest._raise_access_denied = refuse
    IAMPolicyStatement._check_conditions = check_conditions
    IAMRequestBase.check_action_permitted = check_permitted
