"""The tree under real supervisors: runit's runsvdir, s6's s6-svscan, and the command line of the systemd unit, in the
surroundings that the unit asks for (unit.py). Each goes through the same story, and nothing is lost in it."""

import os
import signal

from debian import SOURCE, Debian
from ledger import Ledger
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import time_limit
from unit import UnitProcess, read_unit
from waypost import living_members, new_message

EXAMPLES = "/usr/share/doc/waypost/examples"
# Those that are started with the tree, not when they are needed first.
MEMBERS = ("waypost-qmgr", "waypost-route", "waypost-bounce", "waypost-deliver", "waypost-sender")
RELAYED = '\n[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n[[route]]\nto = ["relayed.test"]\ntransport = "relay"\n'


class Runit:
    def __init__(self, debian):
        self.debian = debian
        debian.shell(f"mkdir -p /etc/sv && cp -a {EXAMPLES}/runit/waypost /etc/sv/ && ln -s /etc/sv/waypost /etc/service/")

    def begin(self):
        self.scanner = self.debian.start(["/usr/bin/runsvdir", "-P", "/etc/service"], "runsvdir.log")
        wait_until(lambda: self.debian.try_to(["sv", "status", "waypost"]).returncode == 0, 15, "runsv to supervise")
        # Not `sv check`, for which a service that has not begun is as it should be.
        self.debian.run(["sv", "-w", "60", "start", "waypost"])

    def reload(self):
        self.debian.run(["sv", "reload", "waypost"])

    def restart(self):
        self.debian.run(["sv", "-w", "40", "restart", "waypost"])

    def stop(self):
        self.debian.run(["sv", "-w", "40", "stop", "waypost"])

    def end(self):
        self.scanner.send_signal(signal.SIGHUP)  # runsvdir(8): all runsv end their services
        self.scanner.wait(30)


class S6:
    def __init__(self, debian):
        self.debian = debian
        debian.shell(f"mkdir -p /run/service && cp -a {EXAMPLES}/s6/waypost /run/service/")

    def begin(self):
        self.scanner = self.debian.start(["s6-svscan", "/run/service"], "s6-svscan.log")
        wait_until(lambda: self.debian.try_to(["s6-svstat", "/run/service/waypost"]).returncode == 0, 15, "s6-supervise")
        self.debian.run(["s6-svwait", "-U", "-t", "30000", "/run/service/waypost"])

    def reload(self):
        self.debian.run(["s6-svc", "-h", "/run/service/waypost"])

    def restart(self):
        self.debian.run(["s6-svc", "-r", "-wR", "-T", "40000", "/run/service/waypost"])

    def stop(self):
        self.debian.run(["s6-svc", "-d", "-wD", "-T", "40000", "/run/service/waypost"])

    def end(self):
        self.debian.run(["s6-svscanctl", "-t", "/run/service"])
        self.scanner.wait(30)


class Systemd:
    """What systemd does with the unit, as far as a process that is not the first of the machine can do it."""

    def __init__(self, debian):
        self.debian = debian
        self.unit = UnitProcess(debian, "/lib/systemd/system/waypost.service")

    def begin(self):
        self.unit.start()

    def reload(self):
        self.debian.run(self.unit.words("ExecReload"))

    def restart(self):
        self.unit.stop()
        self.unit.start()

    def stop(self):
        self.unit.stop()

    def end(self):
        pass


class Story:
    """Mail that goes on coming while the tree is treated badly."""

    def __init__(self, box, supervisor):
        scenery = Scenery(box, "relayed.test. IN MX 10 mx1.example.test.\n")
        self.direct, self.relay = Sink(scenery.host("mx1").listen(25)), Sink(scenery.host("relay").listen(25))
        self.debian = Debian(box).install_waypost()
        self.supervisor = supervisor(self.debian)
        self.ledger = Ledger()

    def send(self, count=1, recipient="bob@example.test"):
        for _ in range(count):
            token, message = new_message()
            self.debian.send(message, recipient)
            self.ledger.accepted.add(token)

    def arrived(self):
        mailbox = self.debian.mailbox("alice") or ""
        return [mailbox.encode(), *(message.data for sink in (self.direct, self.relay) for message in list(sink.messages))]

    def all_arrive(self, after):
        wait_until(lambda: not self.ledger.balance(self.arrived())[0], 60, f"all mail to arrive after {after}")

    def life(self):
        """The living processes of each member, once all have some: ready is the tree when the queue is loaded."""

        def complete():
            living = living_members()
            return {name: set(living[name]) for name in MEMBERS}

        return wait_until(complete, 60, "each member to live")

    def new_life(self, old, after):
        """The next kill must meet one of this life, and none that is still ending."""

        def begun():
            living = living_members()
            return all(not old[name] & set(living[name]) for name in MEMBERS)

        wait_until(begun, 60, f"a new life after {after}")

    def kill(self, name):
        old = self.life()
        os.kill(min(living_members()[name]), signal.SIGKILL)
        self.send(2)
        self.new_life(old, f"{name} was killed")
        self.all_arrive(f"{name} was killed")

    def serve_everybody(self):
        """An ordinary user reaches both sockets and gets mail, whatever umask and limits the supervisor gave."""
        self.send(1, "alice@home.test")
        self.debian.run(["waypost", "list"], "alice")
        token, message = new_message()
        self.debian.run(["setpriv", "--no-new-privs", "--", "/usr/sbin/sendmail", "-i", "--", "bob@example.test"], "alice",
                        message.decode())
        self.ledger.accepted.add(token)

    def reload(self):
        config = self.debian.root / "etc/waypost/waypost.toml"
        config.write_text(config.read_text() + RELAYED)
        self.supervisor.reload()

        def relayed():
            self.send(1, "bob@relayed.test")
            self.all_arrive("a reload")
            return self.relay.messages

        wait_until(relayed, 30, "the new route to hold")

    def tell(self):
        self.send(3)
        self.supervisor.begin()
        assert "waypost-qmgr" in living_members(), "ready before the manager was there"
        self.serve_everybody()
        self.all_arrive("the start")
        self.reload()
        for name in (*MEMBERS, "waypost-start"):
            self.kill(name)
        old = self.life()
        self.send(5)
        self.supervisor.restart()
        self.new_life(old, "a restart")
        self.all_arrive("a restart")
        self.supervisor.stop()
        wait_until(lambda: not living_members(), 30, "all to end")
        # A reply that was never recorded makes a duplicate: of what was under way at each kill.
        self.ledger.check(self.arrived(), duplicates_allowed=len(self.ledger.accepted))
        self.debian.send(new_message()[1], "bob@example.test")  # is taken without a tree, and waits for the next
        assert len(self.debian.list()) == 1
        self.supervisor.end()


def confinement(debian):
    """What the last start said that the kernel keeps the programs from."""
    lines = debian.log_file.read_text(errors="replace").splitlines()
    return [line for line in lines if "event=confinement" in line][-1]


def tell_with_log(story):
    """The story of a supervisor that keeps the log in a folder; the machine in which it was told."""
    story.tell()
    log = story.debian.root / "var/log/waypost/current"
    assert "event=ready" in log.read_text(errors="replace")
    return story.debian


@time_limit(300)
def test_tree_under_runsvdir(box):
    debian = tell_with_log(Story(box, Runit))
    owner = debian.run(["stat", "-c", "%U", "/var/log/waypost/current"]).strip()
    assert owner == "waylog"


@time_limit(300)
def test_tree_under_s6_svscan(box):
    tell_with_log(Story(box, S6))


@time_limit(300)
def test_tree_with_the_systemd_unit_s_command_line(box):
    story = Story(box, Systemd)
    story.tell()
    # The unit's filter must not take away what the programs confine themselves by.
    kept = confinement(story.debian)
    story.debian.start_waypost()
    assert confinement(story.debian) == kept


@time_limit(120)
def test_service_that_cannot_start_is_left_alone(box):
    """Status 100: s6 does not try again."""
    Scenery(box)
    debian = Debian(box).install_waypost()
    config = debian.root / "etc/waypost/waypost.toml"
    config.write_text(config.read_text() + "\nno such key = 1\n")
    supervisor = S6(debian)
    supervisor.scanner = debian.start(["s6-svscan", "/run/service"], "s6-svscan.log")

    def given_up():  # wanted up, is up, exit status
        said = debian.try_to(["s6-svstat", "-o", "wantedup,up,exitcode", "/run/service/waypost"]).stdout
        return said.split() == ["false", "false", "100"]

    wait_until(given_up, 30, "s6 to give it up")
    supervisor.end()


@time_limit(120)
def test_systemd_finds_the_unit_right_and_narrow(box):
    Scenery(box)
    debian = Debian(box).install_waypost()
    for unit in sorted(path.name for path in (SOURCE / "etc/systemd").iterdir()):
        said = debian.run(["systemd-analyze", "verify", "--man=yes", f"/lib/systemd/system/{unit}"], SYSTEMD_OFFLINE="1")
        assert "waypost" not in said, said
    # Tenths, of 100: a service without any limits has 96.
    debian.run(["systemd-analyze", "security", "--offline=true", "--threshold=35", "waypost.service"], SYSTEMD_OFFLINE="1")
    assert read_unit(debian, "/lib/systemd/system/waypost.service")["Type"] == "notify"
