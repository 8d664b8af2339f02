"""Every way out against real DNS: what the record lacks is found, and the line that is printed makes it pass."""

import json

from scenery import ZONE, Scenery
from waypost import Waypost

ADDRESS = "198.51.100.7"
PROXY = "203.0.113.9"

# Everything but the record itself is in order. Letters of an address are turned round for its reverse name.
NAMES = f"""
out.home.test. IN A {ADDRESS}
proxy.home.test. IN A {PROXY}
7.100.51.198.in-addr.arpa. IN PTR out.home.test.
9.113.0.203.in-addr.arpa. IN PTR proxy.home.test.
out.home.test. IN TXT "v=spf1 a -all"
out.home.test. IN MX 10 mail.home.test.
proxy.home.test. IN TXT "v=spf1 a -all"
_dmarc.home.test. IN TXT "v=DMARC1; p=reject; aspf=s"
_spf.ses.test. IN TXT "v=spf1 ip4:192.0.2.0/25 include:more.ses.test -all"
more.ses.test. IN TXT "v=spf1 ip6:2001:db8:5::/48 -all"
"""
RECORD = f'home.test. IN TXT "v=spf1 mx ip4:{ADDRESS} -all"\n'

SETTINGS = f'public_ips = ["{ADDRESS}"]\n'
TABLES = f"""
[transport.otherip]
type = "socks"
proxy = "10.77.0.40:1080"
helo = "proxy.home.test"
remote_ips = ["{PROXY}"]

[transport.ses]
type = "submission"
host = "relay.test"
spf = "_spf.ses.test"

[[domain."home.test".route]]
after = ["blocked"]
transport = "otherip"

[[account.alice.route]]
from = ["home.test"]
to = [".example.test"]
transport = "ses"
"""


def spfcheck(waypost, *words):
    done = waypost.run(["waypost", "spfcheck", *words])
    assert done.stderr == b"", done.stderr
    return done.returncode, done.stdout.decode()


def zone_lines(text):
    return [line + "\n" for line in text.splitlines() if " IN TXT " in line and line.startswith("home.test. ")]


def test_the_line_that_spfcheck_prints_makes_a_missing_proxy_pass(box):
    scenery = Scenery(box, NAMES + RECORD)
    waypost = Waypost(box, SETTINGS, TABLES)

    status, text = spfcheck(waypost, "home.test")
    assert status == 100, text
    findings = [json.loads(line) for line in spfcheck(waypost, "--json", "home.test")[1].splitlines()]
    ways = {f["transport"]: f for f in findings if f["check"] == "spf"}
    assert ways["direct"]["severity"] == "fine" and ways["direct"]["mechanism"] == f"ip4:{ADDRESS}", ways
    missing = ways["otherip"]
    assert (missing["severity"], missing["result"], missing["mechanism"]) == ("wrong", "fail", "-all"), missing
    assert missing["subject"] == PROXY and missing["add"] == f"ip4:{PROXY}", missing
    assert ways["ses"]["severity"] == "wrong" and ways["ses"]["add"] == "include:_spf.ses.test", ways
    assert ways["ses"]["routes"][0].endswith(" (account alice)"), ways

    [line] = zone_lines(text)
    scenery.dns.change(ZONE + NAMES + line)
    status, text = spfcheck(waypost, "-q")
    assert (status, text) == (0, ""), text
    status, text = spfcheck(waypost)
    assert status == 0 and "3 of ten lookups used, 7 left" in text, text
    assert f"otherip {PROXY}: pass by ip4:{PROXY} of home.test" in text, text


def test_spfcheck_says_what_it_cannot_know(box):
    """NAT, a smarthost that says nothing, and a name server that does not answer are neither fine nor missing."""
    Scenery(box, NAMES + RECORD)
    relay = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n[[route]]\nto = ["two.test"]\ntransport = "relay"\n'
    waypost = Waypost(box, tables=relay)
    status, text = spfcheck(waypost, "-q", "home.test")
    assert status == 1, text
    assert 'cannot be checked: transport "relay" has no spf' in text, text
    assert "this machine has only 10.77.0.1; set public_ips" in text, text
    assert not zone_lines(text), text

    status, text = spfcheck(waypost, "-q", "broken.test")
    assert status == 111 and "DNS does not answer" in text and "no SPF record" not in text, text
