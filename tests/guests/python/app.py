"""A provider in Python: the whole contract, as small as it gets.

What an author has to know: cases of variants are classes (`Turn_Run`), a problem is raised as `Err(Problem(..))`;
any other exception is a crash without a message. Imports belong at the top: the file system is gone later.
"""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.packer_provider import (
    Action_Command,
    BuilderRequest,
    Bundle,
    Command,
    CommandRequest,
    Effect,
    Flag,
    Image,
    ImageState,
    Labels,
    Operation_ListImages,
    Outcome_Images,
    Problem,
    ProviderInfo,
    Requests,
    Step,
    Tolerance_Nothing,
    Tool,
    Turn_Done,
    Turn_Run,
    Value_Text,
)

SCHEMA = {"type": "object", "additionalProperties": False, "properties": {"size": {"type": "integer", "default": 20}}}
# State words of the cloud, in the words of the contract.
STATES = {"ready": ImageState.AVAILABLE, "building": ImageState.PENDING, "failed": ImageState.FAILED}


def problem(code: str, message: str, remedy: str | None = None) -> Err:
    return Err(Problem(code=code, message=message, key=None, remedy=remedy))


def image(found: dict) -> Image:
    return Image(
        id=found["id"],
        name=found["name"],
        description=found.get("description", ""),
        state=STATES.get(found["state"], ImageState.UNKNOWN),
        created_at=found.get("created"),
        size_gib=found.get("size"),
        architecture=None,
        location=found["region"],
        public=False,
        copies=[],
        tags=[],
        labels=Labels(managed=True, sindri_version=None, profile=None, cache_key=None, run_id=None),
    )


def list_images(prefix: str | None, history: list) -> Turn_Run | Turn_Done:
    if not history:
        flags = [Flag(name="output", values=[Value_Text("json")])]
        if prefix:
            flags.append(Flag(name="prefix", values=[Value_Text(prefix)]))
        command = Command(
            tool="demo",
            verb=["image", "list"],
            flags=flags,
            positionals=[],
            location=None,
            effect=Effect.READ,
            timeout_seconds=60,
            tolerates=Tolerance_Nothing(),
            secret_output=False,
        )
        return Turn_Run([Step(id="list", purpose="List images", action=Action_Command(command))])
    try:
        found = json.loads(history[0].stdout)
    except ValueError as error:
        raise problem("tool-output", f"the list of images is not JSON: {error}")
    return Turn_Done(Outcome_Images([image(one) for one in found]))


class PackerProvider(exports.PackerProvider):
    def describe(self) -> ProviderInfo:
        return ProviderInfo(
            id="demo-python",
            title="Demo cloud in Python",
            version="0.1.0",
            aliases=[],
            tools=[
                Tool(
                    program="demo",
                    title="Demo CLI",
                    install_url="https://example.org/demo",
                    login_hint="demo login",
                    version_args=["--version"],
                    minimum_version=None,
                )
            ],
            requests=Requests(
                builders=[BuilderRequest(name="null", attributes=["communicator"])],
                packer_plugins=[],
                commands=[
                    CommandRequest(tool="demo", verb=["image", "list"], flags=["output", "prefix"], effect=Effect.READ)
                ],
                guest_phases=[],
            ),
            config_schema=json.dumps(SCHEMA),
        )

    def render(self, request) -> Bundle:
        size = json.loads(request.config)["size"]
        template = 'source "null" "sindri" {\n  communicator = "none"\n}\n'
        return Bundle(template=template, files=[], notices=[f"{request.image.name}: {size} GiB"])

    def plan(self, request, history) -> Turn_Run | Turn_Done:
        operation = request.operation
        if isinstance(operation, Operation_ListImages):
            return list_images(operation.value.name_prefix, history)
        name = type(operation).__name__.removeprefix("Operation_")
        raise problem("unsupported-operation", f"the demo cloud cannot {name}", "use another cloud")
