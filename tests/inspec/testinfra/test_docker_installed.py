def test_docker_01(host, image):
    program = host.file(image["docker"]["program"])
    assert program.is_file
    assert program.mode & 0o111
    assert host.service(image["docker"]["service"]).is_enabled


def test_docker_02(host):
    assert host.run("docker info").rc == 0


def test_docker_03(host, image, user):
    assert image["docker"]["group"] in host.user(user).groups
