"""The controls of the InSpec profile beside this folder, for machines that have no InSpec.

    pytest --connection=chroot --hosts=/path/of/root --no-boot --hardened .
    pytest --hosts=ssh://user@host --sudo .

Parameters come from the profile's own files, so that both ask for the same. A run in which no control was judged fails.
"""

import pathlib
import tomllib

import pytest

FILES = pathlib.Path(__file__).parent.parent / "sindri" / "files"


def read(name):
    return tomllib.loads((FILES / name).read_text())


CONTROLS = {
    control: dict(facts, file=file)
    for file, controls in read("controls.toml").items()
    for control, facts in controls.items()
}


def words(text):
    return [word for word in text.split(",") if word]


def pytest_addoption(parser):
    group = parser.getgroup("sindri")
    group.addoption("--image-user", default="ubuntu", help="whom Sindri is installed for")
    group.addoption("--extensions", type=words, default=[], help="of the build, separated by commas")
    group.addoption("--mise-tools", type=words, default=[], help="separated by commas")
    group.addoption("--hardened", action="store_true", help="the image was built with --cis-hardening")
    group.addoption("--no-boot", action="store_true", help="a root file system that was never started")


def identity(item):
    """test_docker_01 in test_docker_installed.py is the control docker-01 in docker_installed.rb."""
    name = item.originalname.removeprefix("test_").replace("_", "-")
    file = item.path.stem.removeprefix("test_")
    if CONTROLS.get(name, {}).get("file") != file:
        raise pytest.UsageError(f"{item.nodeid} is no control of {file}")
    return name


def pytest_collection_modifyitems(config, items):
    given = {
        "booted": not config.getoption("--no-boot"),
        "hardened": config.getoption("--hardened"),
        "extensions": bool(config.getoption("--extensions")),
        "mise": bool(config.getoption("--mise-tools")),
    }
    for item in items:
        missing = [need for need in CONTROLS[identity(item)]["needs"] if not given[need]]
        if missing:
            item.add_marker(pytest.mark.skip(reason="needs " + ", ".join(missing)))


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    judged = sum(len(reporter.stats.get(outcome, [])) for outcome in ("passed", "failed", "error"))
    if exitstatus == pytest.ExitCode.OK and judged == 0 and not session.config.getoption("--collect-only"):
        session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.fixture
def user(pytestconfig):
    return pytestconfig.getoption("--image-user")


@pytest.fixture
def home(host, user):
    return pathlib.PurePosixPath(host.user(user).home)


@pytest.fixture
def as_user(host, user):
    """Runs a command as the user, with a login's surroundings."""
    return lambda command: host.run("su - %s -s /bin/bash -c %s", user, command)


@pytest.fixture(scope="session")
def image():
    return read("image.toml")


@pytest.fixture(scope="session")
def hardening():
    return read("hardening.toml")


@pytest.fixture
def own_firewall(host, hardening):
    """Whether the image keeps rules of its own in the place of ufw."""
    own = hardening["own_firewall"]
    rules = host.file(own["rules"])
    if not (host.service(own["service"]).is_enabled and rules.exists):
        return False
    return any(line.startswith(tuple(own["denies"])) for line in rules.content_string.splitlines())
