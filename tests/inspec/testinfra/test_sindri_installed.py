import re


def test_sindri_01(host, image):
    program = host.file(image["sindri"]["program"])
    assert program.is_file
    assert program.mode & 0o111
    assert program.user == "root"
    version = host.run(f"{image['sindri']['program']} --version")
    assert version.rc == 0
    assert re.search(r"\d+\.\d+\.\d+", version.stdout)


def test_sindri_02(host, image, home, user):
    for name in image["sindri"]["directories"]:
        directory = host.file(str(home / name))
        assert directory.is_directory, name
        assert directory.user == user, name


def test_sindri_03(host, image):
    script = host.file(image["sindri"]["environment"]).content_string
    for variable in image["sindri"]["variables"]:
        assert re.search(rf"^export {variable}=", script, re.M), variable


def test_sindri_04(image, as_user):
    assert as_user(f"{image['sindri']['program']} doctor").rc == 0
