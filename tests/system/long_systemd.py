"""The package on machines whose first process is systemd: installed over a Postfix that runs, under its unit with all limits
that systemd really sets, through crashes and a reboot; sockets, timers, and services that may not gain privileges."""

import errno
import smtplib
import socket

from booted import Booted
from debian import package_file
from ledger import Ledger
from long_supervisors import RELAYED
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import time_limit
from waypost import living_members, new_message


class Machine(Booted):
    """Up, with waypost installed over Postfix; every message that was taken is in the ledger."""

    def __init__(self, box):
        scenery = Scenery(box, "relayed.test. IN MX 10 mx1.example.test.\n")
        self.direct, self.relay = Sink(scenery.host("mx1").listen(25)), Sink(scenery.host("relay").listen(25))
        super().__init__(box)
        self.ledger = Ledger()
        self.boot()

    def mail(self, recipient="bob@example.test", user="alice"):
        token, message = new_message()
        self.send(message, recipient, user)
        self.ledger.accepted.add(token)

    def arrived(self):
        boxes = [(self.mailbox(user) or "").encode() for user in ("alice", "root")]
        return [*boxes, *(message.data for sink in (self.direct, self.relay) for message in list(sink.messages))]

    def all_arrive(self, after):
        wait_until(lambda: not self.ledger.balance(self.arrived())[0], 60, f"all mail to arrive after {after}")

    def manager(self):
        return min(living_members().get("waypost-qmgr", [0]))

    def is_active(self, unit):
        return self.try_to(["systemctl", "is-active", unit]).stdout.strip() == "active"

    def service(self, name, command, **keys):
        """Runs it as a service; done when it has ended, and that well."""
        self.add_unit(name, Service={"Type": "oneshot", "ExecStart": command, **keys})
        done = self.try_to(["systemctl", "start", name])
        assert done.returncode == 0, done.stdout + self.journal(name)


def letter_of(machine):
    """A file with a message; what sends it as a service is sh."""
    token, message = new_message()
    machine.write("srv/letter", message.decode())
    machine.ledger.accepted.add(token)
    return '/bin/sh -c "exec /usr/sbin/sendmail -i bob@example.test < /srv/letter"'


@time_limit(300)
def test_package_takes_the_place_of_a_running_postfix(box):
    machine = Machine(box)
    assert machine.is_active("postfix@-.service")
    machine.install(package_file())
    assert not machine.is_active("postfix@-.service") and machine.is_active("waypost")
    assert machine.run(["systemctl", "is-enabled", "waypost"]).strip() == "enabled"
    for recipient in ("bob@example.test", "alice@home.test"):
        machine.mail(recipient)
    machine.all_arrive("the installation")
    # The unit's limits take away nothing by which the programs confine themselves.
    (said,) = [line for line in machine.journal("waypost").splitlines() if "event=confinement" in line]
    assert "seccomp=yes" in said, said
    machine.run(["apt-get", "purge", "-q", "-y", "waypost"])
    assert not living_members() and not machine.is_active("waypost")


@time_limit(300)
def test_services_that_may_not_gain_privileges_send(box):
    machine = Machine(box)
    machine.install(package_file())
    narrow = {"NoNewPrivileges": "yes", "ProtectSystem": "strict", "PrivateTmp": "yes", "ProtectHome": "yes"}
    machine.service("of-a-user", letter_of(machine), User="alice", **narrow)
    machine.service("of-nobody", letter_of(machine), DynamicUser="yes", **narrow)
    machine.service("of-root", letter_of(machine), CapabilityBoundingSet="", **narrow)
    machine.service("without-limits", letter_of(machine), User="alice")
    machine.all_arrive("the services had ended")


@time_limit(300)
def test_nothing_is_lost_while_systemd_restarts_what_dies(box):
    machine = Machine(box)
    machine.install(package_file())
    for signal_of in ("KILL", "SEGV"):
        for which in ("main", "all"):
            manager = machine.manager()
            machine.run(["systemctl", "kill", f"--signal={signal_of}", f"--kill-whom={which}", "waypost"])
            machine.mail()
            wait_until(lambda old=manager: machine.manager() not in (0, old), 60, "another life")
            machine.all_arrive(f"{signal_of} to {which}")
    config = machine.root / "etc/waypost/waypost.toml"
    config.write_text(config.read_text() + RELAYED)
    machine.run(["systemctl", "reload", "waypost"])
    machine.mail("bob@relayed.test")
    machine.all_arrive("a reload")
    good = config.read_text()
    config.write_text(good + "nonsense = 1\n")
    refused = machine.try_to(["systemctl", "reload", "waypost"])
    assert refused.returncode != 0 and machine.is_active("waypost")
    wait_until(lambda: 'unknown key "nonsense"' in machine.journal("waypost"), 10, "the mistake in the journal")
    config.write_text(good)
    machine.run(["systemctl", "restart", "waypost"])
    machine.mail()
    machine.all_arrive("a restart")
    machine.run(["systemctl", "stop", "waypost"])
    assert not living_members()
    machine.ledger.check(machine.arrived(), duplicates_allowed=len(machine.ledger.accepted))


@time_limit(300)
def test_mail_that_waits_survives_a_reboot(box):
    machine = Machine(box)
    machine.install(package_file())
    machine.run(["systemctl", "stop", "waypost"])
    machine.mail()
    assert len(machine.list()) == 1
    machine.shut_down()
    assert not living_members()
    machine.mail()  # as by something that runs early
    machine.boot()
    assert machine.is_active("waypost")
    machine.all_arrive("the next boot")
    machine.ledger.check(machine.arrived())


def main_process(machine, service):
    return machine.run(["systemctl", "show", "--property=MainPID", "--value", service]).strip()


@time_limit(300)
def test_sockets_and_timers(box):
    machine = Machine(box)
    machine.install(package_file())
    machine.run(["systemctl", "enable", "--now", "waypost-smtpd.socket"])
    for _ in range(3):
        token, message = new_message()
        with smtplib.SMTP("127.0.0.1", 25, timeout=30) as client:
            client.sendmail("alice@home.test", ["bob@example.test"], message)
        machine.ledger.accepted.add(token)
    machine.all_arrive("SMTP on loopback")
    assert machine.is_active("waypost-smtpd.service")
    folder = machine.root / "var/lib/prometheus/node-exporter"
    folder.mkdir(parents=True)
    machine.run(["systemctl", "start", "waypost-stats.service"])
    assert "waypost_messages_accepted_total 3\n" in (folder / "waypost.prom").read_text()
    timers = ("waypost-stats.timer", "waypost-spfcheck.timer")
    for timer in timers:
        machine.run(["systemctl", "enable", "--now", timer])
    old = main_process(machine, "waypost-smtpd")
    machine.install(machine.rebuilt("99.0"))
    assert main_process(machine, "waypost-smtpd") not in ("0", old), "it serves on with the old program"
    assert all(map(machine.is_active, timers))
    with smtplib.SMTP("127.0.0.1", 25, timeout=30) as client:
        assert client.noop()[0] == 250
    machine.run(["apt-get", "remove", "-q", "-y", "waypost"])
    assert not living_members()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", 25)) == errno.ECONNREFUSED, "the port is the next mail server's"
