"""The Debian package: it takes the place of another mail server and gives it up again; upgrades and removal keep the queue,
purging removes what waypost made, and mail only when somebody says so."""

import os
import re
import signal
import subprocess
from pathlib import Path

from debian import ADMIN, SOURCE, Debian, package_file
from network import Network
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import time_limit
from waypost import living_members, new_message

QUEUE = "usr/libexec/waypost/waypost-queue"

# What dpkg, debconf and the shadow suite keep for themselves, and what the tests put there.
OTHERS = re.compile(r"^(var/lib/(dpkg|systemd)|var/log/dpkg\.log|var/cache/(debconf|man|ldconfig)|etc/(passwd|shadow|group|gshadow)-"
                    r"|etc/\.pwd\.lock|tmp|proc|dev|run)\b")


def inventory(debian):
    """Every file of the machine with its owner and mode, and the lines of the user databases."""
    found = set()
    for folder, folders, files in os.walk(debian.root):
        folders[:] = [name for name in folders if not OTHERS.match(os.path.relpath(f"{folder}/{name}", debian.root))]
        for name in folders + files:
            path = os.path.relpath(f"{folder}/{name}", debian.root)
            if not OTHERS.match(path):
                status = os.lstat(debian.root / path)
                found.add((path, status.st_uid, status.st_gid, oct(status.st_mode)))
    for database in ("passwd", "group"):
        found |= {(database, line) for line in (debian.root / "etc" / database).read_text().splitlines()}
    return found


def queue_mail(debian, count=3):
    """Mail that is accepted while no manager runs: it waits."""
    tokens = []
    for _ in range(count):
        token, message = new_message()
        debian.send(message, "bob@example.test")
        tokens.append(token)
    return tokens


def waiting(debian):
    return len([path for path in (debian.root / "var/spool/waypost").rglob("*")
                if path.is_file() and path.parent.name != "waypost"])


def set_gid(debian):
    status = (debian.root / QUEUE).stat()
    groups = dict(line.split(":")[0:3:2] for line in (debian.root / "etc/group").read_text().splitlines())
    return oct(status.st_mode & 0o7777), str(status.st_gid) == groups.get("waydrop")


def another_mta(debian):
    """A mail server's package that says what Debian's do."""
    folder = debian.root / "tmp/other"
    (folder / "DEBIAN").mkdir(parents=True)
    (folder / "usr/sbin").mkdir(parents=True)
    (folder / "usr/sbin/sendmail").write_text("#!/bin/sh\nexit 75\n")
    (folder / "usr/sbin/sendmail").chmod(0o755)
    (folder / "DEBIAN/control").write_text(
        "Package: other-mta\nVersion: 1\nArchitecture: all\nMaintainer: x <x@home.test>\nProvides: mail-transport-agent\n"
        "Conflicts: mail-transport-agent\nReplaces: mail-transport-agent\nDescription: another\n")
    debian.run(["dpkg-deb", "-b", "/tmp/other", "/tmp/other.deb"])
    return debian.root / "tmp/other.deb"


def test_package_takes_the_place_of_postfix(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    debian = Debian(box)
    assert debian.status_of("postfix") == "installed"
    debian.install_waypost()
    assert debian.status_of("waypost") == "installed" and debian.status_of("postfix") == "config-files"
    for name in ("usr/sbin/sendmail", "usr/lib/sendmail", "usr/bin/mailq", "usr/bin/newaliases"):
        real = debian.run(["readlink", "-f", f"/{name}"]).strip()
        assert real == "/usr/libexec/waypost/waypost-inject", f"{name} is {real}"
    assert debian.run(["dpkg", "-V", "waypost"]) == "", "nothing of the package was changed"
    assert debian.run(["newaliases"]) == "" and "empty" in debian.run(["mailq"]).lower()
    assert set_gid(debian) == ("0o2755", True)
    debian.start_waypost()
    token, message = new_message()
    debian.send(message, "bob@example.test")
    assert token.encode() in sink.wait_for(1)[0].data
    debian.run(["mail", "-s", "to root", "root"], "alice", "a line\n")
    wait_until(lambda: any(ADMIN in line for m in list(sink.messages) for line in m.recipients), 30, "root's mail")


def test_configuration_as_installed_is_right_and_explains_itself(box):
    Network()
    debian = Debian(box).install_waypost()
    debian.run(["waypost", "config", "check"])
    text = (debian.root / "etc/waypost/waypost.toml").read_text()
    settings = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert settings == [], "as it stands every key has its default"
    conffiles = debian.run(["dpkg-query", "-W", "-f", "${Conffiles}", "waypost"])
    assert "/etc/waypost/waypost.toml" in conffiles
    for page in ("sendmail.8", "waypost.1", "waypost.toml.5", "waypost-install.7", "mailq.1", "newaliases.1"):
        name, _, section = page.rpartition(".")
        found = debian.run(["man", "-w", section, name]).strip()
        assert found.endswith(".gz"), found
    for completion in ("usr/share/bash-completion/completions/waypost", "usr/share/zsh/vendor-completions/_waypost"):
        assert (debian.root / completion).is_file(), completion


def test_upgrade_keeps_queue_configuration_and_rights(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    debian = Debian(box).install_waypost()
    tokens = queue_mail(debian)
    config = debian.root / "etc/waypost/waypost.toml"
    config.write_text(config.read_text() + '\n[defaults]\nconnections = 3\n')
    keys = sorted(path.name for path in (debian.root / "etc/waypost/credentials").iterdir())
    debian.install(debian.rebuilt("99.0"))
    assert "99.0" in debian.run(["dpkg-query", "-W", "waypost"])
    assert config.read_text().endswith("connections = 3\n"), "a changed configuration stays"
    assert sorted(path.name for path in (debian.root / "etc/waypost/credentials").iterdir()) == keys
    assert waiting(debian) == 3 and set_gid(debian) == ("0o2755", True)
    debian.start_waypost()
    debian.wait_for_empty_queue()
    arrived = b"".join(message.data for message in sink.messages)
    assert all(token.encode() in arrived for token in tokens)


def test_set_group_id_bit_is_there_as_soon_as_an_upgrade_is_unpacked(box):
    Network()
    debian = Debian(box).install_waypost()
    deb = debian.rebuilt("99.0")
    debian.run(["dpkg", "--force-unsafe-io", "--unpack", f"/tmp/{deb.name}"])
    assert set_gid(debian) == ("0o2755", True)
    queue_mail(debian, 1)
    debian.run(["dpkg", "--configure", "waypost"])
    assert waiting(debian) == 1


def test_administrator_s_choice_of_mode_stays(box):
    Network()
    debian = Debian(box).install_waypost()
    debian.run(["dpkg-statoverride", "--remove", f"/{QUEUE}"])
    debian.run(["dpkg-statoverride", "--update", "--add", "root", "waydrop", "2750", f"/{QUEUE}"])
    debian.install(debian.rebuilt("99.0"))
    assert set_gid(debian) == ("0o2750", True)


def test_removed_and_installed_again_it_goes_on(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    debian = Debian(box).install_waypost()
    (token,) = queue_mail(debian, 1)
    debian.run(["apt-get", "remove", "-q", "-y", "waypost"])
    assert debian.status_of("waypost") == "config-files" and waiting(debian) == 1
    assert not (debian.root / "usr/sbin/sendmail").is_symlink()
    debian.install_waypost()
    debian.start_waypost()
    assert token.encode() in sink.wait_for(1)[0].data


def test_another_mail_server_takes_its_place(box):
    Network()
    debian = Debian(box).install_waypost()
    queue_mail(debian, 1)
    debian.install(another_mta(debian))
    assert debian.status_of("waypost") == "config-files" and debian.status_of("other-mta") == "installed"
    assert waiting(debian) == 1, debian.run(["find", "/var/spool/waypost"])
    assert debian.try_to(["/usr/sbin/sendmail", "x"]).returncode == 75
    debian.install_waypost()
    assert debian.status_of("other-mta") != "installed" and waiting(debian) == 1


def test_purge_leaves_nothing_of_waypost(box):
    Network()
    debian = Debian(box)
    debian.run(["dpkg", "--force-depends", "--purge", "postfix"])
    before = inventory(debian)
    copy = debian.root / "tmp" / package_file().name
    copy.write_bytes(package_file().read_bytes())
    debian.run(["dpkg", "--force-unsafe-io", "-i", f"/tmp/{copy.name}"])
    debian.start_waypost()
    debian.stop_waypost()
    debian.run(["waypost", "credential", "add", "login"], stdin="secret\n")
    debian.run(["waypost", "dkimsign", "keygen", "home.test", "s", "--type", "ed25519"])
    assert len(inventory(debian) - before) > 100
    debian.run(["dpkg", "--force-depends", "--purge", "waypost"])
    after = inventory(debian)
    assert after == before, f"left: {sorted(after - before)}, gone: {sorted(before - after)}"


def test_purge_keeps_mail_unless_somebody_says_otherwise(box):
    Network()
    debian = Debian(box).install_waypost()
    queue_mail(debian, 2)
    said = debian.run(["apt-get", "purge", "-q", "-y", "waypost"])
    assert "stays in /var/spool/waypost" in said and waiting(debian) == 2
    assert not (debian.root / "etc/waypost").exists() and "wayqueue" in (debian.root / "etc/passwd").read_text()
    debian.install_waypost()
    assert waiting(debian) == 2
    debian.run(["debconf-set-selections"], stdin="waypost waypost/purge-queue boolean true\n")
    debian.run(["apt-get", "purge", "-q", "-y", "waypost"])
    assert not (debian.root / "var/spool/waypost").exists()
    assert "wayqueue" not in (debian.root / "etc/passwd").read_text()


def test_what_an_administrator_started_ends_with_the_package(box):
    """systemd keeps a socket whose unit is gone: the next mail server would not get port 25.

    dpkg's PATH has /usr/sbin before where systemctl is."""
    Network()
    debian = Debian(box).install_waypost()
    (debian.root / "run/systemd/system").mkdir(parents=True)
    debian.write("/usr/sbin/systemctl", '#!/bin/sh\necho "$*" >> /tmp/told\n', 0o755)

    def told(command):
        """What systemctl was told by a command of dpkg's."""
        file = debian.root / "tmp/told"
        file.unlink(missing_ok=True)
        command()
        return file.read_text()

    assert "try-restart waypost-smtpd.service\n" in told(lambda: debian.install(debian.rebuilt("99.0")))
    removal = told(lambda: debian.run(["apt-get", "remove", "-q", "-y", "waypost"]))
    stops = re.findall(r"(?m)^(?:--quiet )?(?:--system )?stop (.*)$", removal)
    assert {"waypost.service", "waypost-smtpd.socket", "waypost-smtpd.service"} <= set(" ".join(stops).split()), stops


def test_build_dependencies_are_those_of_the_build(_box):
    depends = re.search(r"(?ms)^Build-Depends:(.*?)^\S", (SOURCE / "debian/control").read_text())[1]
    named = {re.sub(r"\(.*?\)", "", one).strip() for one in depends.split(",")} - {"debhelper-compat"}
    listed = re.search(r"(?ms)^DEPS := (.*?)\n\n", (SOURCE / "deps.mk").read_text())[1]
    assert named == set(listed.replace("\\", " ").split())


def test_what_is_installed_from_the_source_can_be_taken_away(box):
    place = box.path("place")
    (place / "usr/local/bin").mkdir(parents=True)
    (place / "usr/local/bin/other").write_text("somebody else's\n")

    def make(target):
        subprocess.run(["make", "-C", SOURCE, target, f"DESTDIR={place}"], stdout=subprocess.DEVNULL, check=True)
        return {str(path.relative_to(place)) for path in place.rglob("*") if not path.is_dir() or path.is_symlink()}

    installed = make("install")
    assert {"usr/local/sbin/sendmail", "usr/local/libexec/waypost/waypost-qmgr"} <= installed
    assert make("uninstall") == {"usr/local/bin/other"}
    assert not (place / "usr/local/libexec/waypost").exists()


def test_upgrade_beneath_a_running_tree(box):
    """What runs goes on with what it has, and the next life is the new one's."""
    sink = Sink(Scenery(box).host("mx1").listen(25))
    debian = Debian(box).install_waypost().start_waypost()
    debian.install(debian.rebuilt("99.0"))
    token, message = new_message()
    debian.send(message, "bob@example.test")
    assert token.encode() in sink.wait_for(1)[0].data
    (manager,) = living_members()["waypost-qmgr"]
    assert debian.tree.poll() is None and os.readlink(f"/proc/{manager}/exe").endswith("(deleted)"), "the old one runs"
    os.kill(manager, signal.SIGKILL)
    token, message = new_message()
    debian.send(message, "bob@example.test")
    wait_until(lambda: any(token.encode() in m.data for m in list(sink.messages)), 30, "mail by the new life")
    debian.wait_for_empty_queue()
    (manager,) = living_members()["waypost-qmgr"]
    assert os.readlink(f"/proc/{manager}/exe").endswith("/usr/libexec/waypost/waypost-qmgr")


@time_limit(180)
def test_lintian_finds_nothing(box):
    Network()
    debian = Debian(box)
    package = package_file()
    (debian.root / "tmp" / package.name).write_bytes(Path(package).read_bytes())
    said = debian.run(["lintian", "--allow-root", "--tag-display-limit", "0", "--fail-on", "error,warning",
                       f"/tmp/{package.name}"], timeout=150)
    assert not re.search(r"^[EW]: ", said, re.M), said
