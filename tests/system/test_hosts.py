"""Which host is connected to: ourselves never, the other family after a failure, the same address after greylisting."""

import subprocess

from scenery import Scenery
from sink import Sink, refuse
from waypost import Waypost, new_message

ZONE = """
us.test. IN MX 10 mx.us.test.
mx.us.test. IN A 10.77.0.1
backup.test. IN MX 10 mx1.example.test.
backup.test. IN MX 20 mx.us.test.
backup.test. IN MX 30 mx2.two.test.
dual.test. IN MX 10 mx.dual.test.
mx.dual.test. IN A 10.77.0.11
mx.dual.test. IN AAAA fd77::11
"""


def both_families(box, answer):
    """Two sinks of one host, IPv6 first as it is tried first."""
    host = Scenery(box, ZONE).host("mx1")
    return Sink(host.listen(25, host.ipv6), answer), Sink(host.listen(25), answer)


def test_mail_whose_only_mx_is_an_address_of_ours_bounces_as_a_loop(box):
    scenery = Scenery(box, ZONE)
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@us.test")
    assert b"Status: 5.4.6" in home.wait_for(1)[0].data


def test_as_backup_mx_only_better_hosts_are_asked(box):
    scenery = Scenery(box, ZONE)
    better, worse = Sink(scenery.host("mx1").listen(25), refuse("MAIL", "451 4.3.0 later", 1)), \
        Sink(scenery.host("mx2").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@backup.test")
    better.wait_for(1)
    waypost.wait_for_empty_queue()
    assert not worse.sessions


def test_after_a_failure_the_next_attempt_starts_with_the_other_family(box):
    six, four = both_families(box, refuse("RCPT", "451 4.3.0 trouble here", 1))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@dual.test")
    four.wait_for(1)
    waypost.wait_for_empty_queue()
    assert len(six.sessions) == 1 and not six.messages


def test_after_greylisting_the_same_address_is_asked_again(box):
    six, four = both_families(box, refuse("RCPT", "451 4.7.1 Greylisted, come back", 1))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@dual.test")
    six.wait_for(1)
    waypost.wait_for_empty_queue()
    assert not four.sessions


def test_every_address_of_a_host_is_tried_within_an_attempt(box):
    host = Scenery(box, ZONE).host("mx1")
    four = Sink(host.listen(25))
    waypost = Waypost(box, settings='retry = ["1h"]\n').start()
    waypost.send(new_message()[1], "bob@dual.test")
    four.wait_for(1)


def test_smarthost_out_of_the_hosts_file(box):
    sink = Sink(Scenery(box).host("relay").listen(25))
    hosts = box.path("hosts") / "hosts"
    hosts.write_text("127.0.0.1 localhost\n10.77.0.30 gateway.lan gateway # the way out\n")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
    waypost = Waypost(box, tables='[transport.relay]\ntype = "smtp"\nhost = "gateway"\n[[route]]\ntransport = "relay"\n')
    waypost.start()
    waypost.send(new_message()[1], "a@example.test")
    sink.wait_for(1)


def test_without_a_resolver_in_the_configuration_the_systems_are_asked(box):
    scenery = Scenery(box)
    sink = Sink(scenery.host("mx1").listen(25))
    conf = box.path("resolv") / "resolv.conf"
    # Nobody answers at the first one.
    conf.write_text(f"nameserver 10.77.0.99\nnameserver {scenery.dns.address}\n")
    subprocess.run(["mount", "--bind", conf, "/etc/resolv.conf"], check=True)
    waypost = Waypost(box)
    path = waypost.home / "etc/waypost.toml"
    path.write_text(path.read_text().replace('resolver = "10.77.0.2"\n', ""))
    waypost.start()
    waypost.send(new_message()[1], "bob@example.test")
    sink.wait_for(1, 30)
