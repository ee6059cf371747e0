"""Asks a cloud's own command line whether it understands commands, without letting it say a word to anyone.

    PYTHON ask.py aws|az|gcloud|oci < questions > answers

A question is a line of JSON, {"argv": [...], "cwd": "..."}; its answer is {"verdict": "...", "said": "..."}, in the
order of the questions. The verdict is

    sent      the command line had read and checked its arguments, and was about to open a connection
    done      it ended well without a connection
    refused   it ended with an error before it wanted a connection: its parser did not like the arguments

The command line is imported once, which is the slow part, and every command gets a process forked from that.
"""

import http.client
import json
import os
import signal
import socket
import sys
import tempfile

# No exit status of any of the four.
SENT = 120
# Seconds for one command. The slowest, az with its hundreds of modules, takes two.
LIMIT = 120


UUID = "00000000-0000-0000-0000-00000000000"


def aws():
    os.environ.update(
        AWS_ACCESS_KEY_ID="x",
        AWS_SECRET_ACCESS_KEY="x",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_PAGER="",
    )
    from awscli.clidriver import create_clidriver

    driver = create_clidriver()

    def run(argv):
        return driver.main(argv)

    # The description of a service's interface: EC2's is read for 0.2 s.
    run.prepare = lambda argv: driver.session.get_service_model(argv[0])
    return run


def az():
    configuration = os.path.join(os.environ["HOME"], ".azure")
    os.environ.update(
        AZURE_CONFIG_DIR=configuration,
        AZURE_CORE_COLLECT_TELEMETRY="0",
        AZURE_CORE_ONLY_SHOW_ERRORS="1",
        # It would look for an extension that has the unknown command.
        AZURE_EXTENSION_USE_DYNAMIC_INSTALL="no",
    )
    # Somebody is logged in.
    os.mkdir(configuration)
    subscription = {
        "id": UUID + "1",
        "name": "test",
        "state": "Enabled",
        "user": {"name": UUID + "2", "type": "servicePrincipal"},
        "isDefault": True,
        "tenantId": UUID + "3",
        "homeTenantId": UUID + "3",
        "managedByTenants": [],
        "environmentName": "AzureCloud",
    }
    principal = {"client_id": UUID + "2", "tenant": UUID + "3", "client_secret": "x"}
    for name, content in (
        ("azureProfile.json", {"installationId": UUID + "4", "subscriptions": [subscription]}),
        ("service_principal_entries.json", [principal]),
    ):
        with open(os.path.join(configuration, name), "w", encoding="utf-8") as file:
            json.dump(content, file)
    from azure.cli.core import get_default_cli

    return get_default_cli().invoke


def gcloud():
    root = os.environ["CLOUDSDK_ROOT_DIR"]
    os.environ.update(
        CLOUDSDK_AUTH_DISABLE_CREDENTIALS="true",
        CLOUDSDK_CONFIG=os.path.join(os.environ["HOME"], "gcloud"),
        CLOUDSDK_CORE_PROJECT="test-123456",
        CLOUDSDK_CORE_DISABLE_PROMPTS="1",
        CLOUDSDK_CORE_DISABLE_USAGE_REPORTING="1",
        CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK="1",
    )
    # As its own script does it.
    library = os.path.join(root, "lib")
    sys.path[:0] = [library, os.path.join(library, "third_party")]
    from googlecloudsdk import gcloud_main

    def run(argv):
        sys.argv = ["gcloud", *argv]
        return gcloud_main.main()

    return run


def oci():
    # A user with a key: it wants to sign the request before it sends it.
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    configuration = os.path.join(os.environ["HOME"], "config")
    key_file = os.path.join(os.environ["HOME"], "key.pem")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    settings = f"""[DEFAULT]
user=ocid1.user.oc1..test
tenancy=ocid1.tenancy.oc1..test
region=eu-frankfurt-1
fingerprint={":".join(["00"] * 16)}
key_file={key_file}
"""
    for name, content in ((key_file, text), (configuration, settings.encode())):
        with open(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(content)
    os.environ.update(
        OCI_CLI_CONFIG_FILE=configuration,
        OCI_CLI_SUPPRESS_FILE_PERMISSIONS_WARNING="True",
        SUPPRESS_LABEL_WARNING="True",
    )
    from oci_cli import dynamic_loader
    from oci_cli.cli import cli

    def run(argv):
        return cli(argv, prog_name="oci")

    # A service's commands, 0.4 s each, are looked up when the program starts.
    run.prepare = dynamic_loader.load_service_from_command
    return run


def nobody_is_called(report):
    """Ends the process as soon as it wants to talk to the cloud: no handler of errors can take that for a failure.

    All go through the proxy that the environment names, and say where its tunnel shall lead before they connect.
    What is not tunnelled is no API but the search for the metadata server of a cloud's VM: there is none.
    """
    tunnels = []
    set_tunnel = http.client.HTTPConnection.set_tunnel

    def remember(self, host, *rest, **named):
        tunnels.append(host)
        return set_tunnel(self, host, *rest, **named)

    def stop(*_, **__):
        if not tunnels:
            raise ConnectionRefusedError("nobody is called")
        os.write(report, tunnels[-1].encode())
        os._exit(SENT)

    http.client.HTTPConnection.set_tunnel = remember
    socket.socket.connect = stop
    socket.socket.connect_ex = stop
    socket.getaddrinfo = stop
    socket.gethostbyname = stop


def answer(run, question, output, report):
    """In a process of its own; does not return."""
    os.chdir(question["cwd"])
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    signal.alarm(LIMIT)
    nobody_is_called(report)
    try:
        status = run(question["argv"])
    except SystemExit as end:
        status = end.code
        if isinstance(status, str):
            print(status, file=sys.stderr)
            status = 1
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status or 0)


def ask(run, question):
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as report:
        child = os.fork()
        if child == 0:
            try:
                answer(run, question, output.fileno(), report.fileno())
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        output.seek(0)
        report.seek(0)
        said = output.read().decode("utf-8", "replace")
        host = report.read().decode()
    if os.WIFSIGNALED(status):
        said += f"ended by signal {os.WTERMSIG(status)}"
    verdict = {0: "done", SENT: "sent"}.get(os.waitstatus_to_exitcode(status), "refused")
    return {"verdict": verdict, "host": host, "said": said[-4000:]}


def main():
    run = {"aws": aws, "az": az, "gcloud": gcloud, "oci": oci}[sys.argv[1]]()
    prepare = getattr(run, "prepare", lambda argv: None)
    for line in sys.stdin:
        question = json.loads(line)
        prepare(question["argv"])
        print(json.dumps(ask(run, question)), flush=True)


if __name__ == "__main__":
    main()
