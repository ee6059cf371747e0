import re

import pytest


@pytest.fixture
def mise(image, home, as_user):
    return lambda command: as_user(f"{home / image['mise']['program']} {command}")


def test_mise_01(mise):
    assert mise("--version").rc == 0


def test_mise_02(host, image, home):
    assert host.file(str(home / image["mise"]["shims"])).is_directory


def test_mise_03(host, image, home, user):
    configuration = host.file(str(home / image["mise"]["configuration"]))
    assert configuration.is_directory
    assert configuration.user == user


def test_mise_04(host, image, home):
    assert re.search(r"mise.*activate", host.file(str(home / image["mise"]["shell"])).content_string)


def test_mise_05(mise):
    assert mise("doctor").rc == 0


def test_mise_06(mise, pytestconfig):
    for tool in pytestconfig.getoption("--mise-tools"):
        assert re.search(rf"^{re.escape(tool)}\b", mise(f"ls --installed {tool}").stdout, re.M), tool
