import re


def test_ext_01(as_user):
    assert as_user("sindri extension list").rc == 0


def test_ext_02(as_user):
    assert as_user("sindri extension list --all").rc == 0


def test_ext_03(as_user, pytestconfig):
    listed = as_user("sindri extension list").stdout
    for name in pytestconfig.getoption("--extensions"):
        assert re.search(rf"\b{re.escape(name)}\b", listed), name


def test_ext_04(host, image, home, user):
    directory = host.file(str(home / image["extensions"]["directory"]))
    assert directory.is_directory
    assert directory.user == user
    assert directory.mode == int(image["extensions"]["mode"], 8)


def test_ext_05(host, image, home, user):
    cache = host.file(str(home / image["extensions"]["cache"]))
    assert not cache.exists or (cache.is_directory and cache.user == user)


def test_ext_06(host, image, home, as_user):
    state = home / image["extensions"]["state"]
    assert host.file(str(state)).is_directory
    assert as_user(f"test -w {state}").rc == 0
