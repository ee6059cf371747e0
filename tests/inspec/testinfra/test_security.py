import re

import pytest

KEPT = "the image keeps rules of its own in the place of ufw"


@pytest.fixture
def sshd(host, image):
    effective = host.run(image["security"]["effective"])
    assert effective.rc == 0, effective.stderr
    return effective.stdout


def assert_sshd(sshd, hardening, *keywords):
    for keyword in keywords:
        value = hardening["sshd"][keyword]
        assert re.search(rf"^{keyword} {re.escape(value)}$", sshd, re.M | re.I), f"{keyword} {value}"


def has_line(host, path, line):
    pattern = r"\s+".join(re.escape(word) for word in line.split())
    return re.search(rf"^\s*{pattern}\s*$", host.file(path).content_string, re.M) is not None


def test_sec_01(sshd, hardening):
    assert_sshd(sshd, hardening, "PermitRootLogin")


def test_sec_02(sshd, hardening):
    assert_sshd(sshd, hardening, "PasswordAuthentication", "KbdInteractiveAuthentication", "PermitEmptyPasswords")


def test_sec_03(sshd, hardening):
    assert_sshd(sshd, hardening, *hardening["sshd"])
    weak = r"^(ciphers|macs|kexalgorithms) .*(cbc|3des|arcfour|md5|sha1(,|$)|group1-)"
    assert not re.search(weak, sshd, re.M)


def test_sec_04(sshd, hardening):
    assert_sshd(sshd, hardening, "X11Forwarding")


def test_sec_05(sshd, hardening):
    assert_sshd(sshd, hardening, "MaxAuthTries")


def test_sec_06(host, own_firewall):
    if own_firewall:
        pytest.skip(KEPT)
    assert has_line(host, "/etc/ufw/ufw.conf", "ENABLED=yes")
    assert host.service("ufw").is_enabled


def test_sec_07(host, image, own_firewall):
    if own_firewall:
        pytest.skip(KEPT)
    port = image["security"]["ssh_port"]
    assert has_line(host, "/etc/ufw/user.rules", f"-A ufw-user-input -p tcp --dport {port} -j ACCEPT")


def test_sec_08(host, own_firewall):
    if own_firewall:
        pytest.skip(KEPT)
    assert has_line(host, "/etc/default/ufw", 'DEFAULT_INPUT_POLICY="DROP"')


def test_sec_09(host, image):
    assert host.package(image["security"]["unattended"]).is_installed
    assert host.service(image["security"]["unattended"]).is_enabled


def test_sec_10(host, image):
    found = host.run(image["security"]["world_writable"])
    assert found.rc == 0
    assert found.stdout == ""


def test_sec_11(host, image):
    found = host.run(image["security"]["setuid_of_nobody"])
    assert found.rc == 0
    assert found.stdout == ""


def test_sec_12(host, hardening):
    lists = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow")
    modes = {mode["path"]: int(mode["most"], 8) for mode in hardening["modes"]}
    for path in lists:
        file = host.file(path)
        assert file.user == "root", path
        assert file.mode & ~modes[path] == 0, f"{path}: {file.mode:o}"


def test_sec_13(host, hardening):
    for key, value in hardening["sysctl"].items():
        assert has_line(host, "/etc/sysctl.d/90-sindri-cis.conf", f"{key} = {value}"), key


def test_sec_14(host, hardening):
    for key, value in hardening["sysctl"].items():
        assert str(host.sysctl(key)) == value, key


def test_sec_15(host, hardening):
    shown = host.run("modprobe --showconfig").stdout
    for name in hardening["modules"]:
        assert re.search(rf"^install {name} /bin/false$", shown, re.M), name


def test_sec_16(host, hardening, own_firewall):
    for key, value in hardening["login_defs"].items():
        assert has_line(host, "/etc/login.defs", f"{key} {value}"), key
    for wanted in hardening["file_lines"]:
        if wanted.get("firewall") and own_firewall:
            continue
        assert has_line(host, wanted["path"], wanted["line"]), wanted


def test_sec_17(host, hardening, own_firewall):
    for name in hardening["services"]:
        kept = own_firewall and name == "ufw"
        name = hardening["own_firewall"]["service"] if kept else name
        assert host.service(name).is_enabled, name
