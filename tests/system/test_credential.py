"""`waypost credential test`: what it tells of a login, and that nothing else comes of it."""

import json

import certificates
from installed import Installed
from proxies import Microsocks
from scenery import Scenery
from sink import Sink
from logins import PASSWORD, PostfixWithDovecot, add_credential, route, submission
from waypost import Waypost

WAYPOST = "/usr/local/bin/waypost"


def tried(waypost, status, *words):
    """The output of a test that must end so; the secret is never in it."""
    done = waypost.run(["waypost", "credential", "test", "secret", *words])
    output = done.stdout.decode()
    assert done.returncode == status, f"exit {done.returncode}: {output}{done.stderr.decode()}"
    assert PASSWORD not in output + done.stderr.decode()
    return json.loads(output) if words else output


def test_it_tells_step_by_step_how_a_login_went(box):
    authority = certificates.Authority(box.path("ca"))
    postfix = PostfixWithDovecot(box, Scenery(box).host("relay"), authority)
    waypost = Waypost(box, tables=submission("ses", authority) + route("ses"))
    done = waypost.run(["waypost", "credential", "test", "other"])
    assert done.returncode == 100 and b"no transport" in done.stderr, done
    add_credential(waypost, PASSWORD)
    told = tried(waypost, 0, "--json")
    assert told["accepted"] and told["mechanism"] == "SCRAM-SHA-256" and told["tls"].endswith(" verified"), told
    assert told["addresses"] == ["10.77.0.30"] and "PLAIN" in told["offered"] and told["act"] is None, told
    text, at = tried(waypost, 0), 0
    for step in ("transport ses: submission to relay.test:25", "* connected to relay.test [10.77.0.30]", "< 220 ", "> EHLO ",
                 "> STARTTLS", "* TLSv1.3", "> EHLO ", "> AUTH SCRAM-SHA-256", "< 235", "logged in by SCRAM-SHA-256"):
        at = text.find(step, at)
        assert at >= 0, f"{step!r} is missing, or out of order, in\n{text}"
    add_credential(waypost, "wrong")
    told = tried(waypost, 100, "--json")
    assert not told["accepted"] and told["class"] == "auth" and told["code"] == 535 and "credential" in told["act"], told
    assert postfix.messages() == [] and "wrong" not in json.dumps(told)


def test_what_stands_before_a_login_is_told_and_may_pass(box):
    authority = certificates.Authority(box.path("ca"))
    host = Scenery(box).host("relay")
    waypost = Waypost(box, tables=submission("ses", authority) + route("ses"))
    add_credential(waypost, PASSWORD)
    assert tried(waypost, 111, "--json")["class"] == "unreachable"
    sink = Sink(host.listen(25))  # without STARTTLS
    told = tried(waypost, 111, "--json")
    assert told["class"] == "tls" and told["tls"] is None and "certificate" in told["act"], told
    assert not {line.split(" ")[0] for line in sink.commands()} & {"AUTH", "MAIL"}


def test_of_a_proxy_it_tries_the_login_alone(box):
    scenery = Scenery(box)
    Microsocks(box, scenery.network.host("proxy", 40), login=("user", PASSWORD)).start()
    tables = ('[transport.out]\ntype = "socks"\nproxy = "10.77.0.40:1080"\nremote_ips = ["10.77.0.40"]\nuser = "user"\n'
              'credential = "secret"\n' + route("out"))
    waypost = Waypost(box, tables=tables)
    add_credential(waypost, PASSWORD)
    assert tried(waypost, 0, "--json")["accepted"]
    add_credential(waypost, "wrong")
    assert tried(waypost, 100, "--json")["class"] == "auth"


def test_on_the_installed_system_root_alone_may(box):
    authority = certificates.Authority(box.path("ca"))
    authority.certificate.chmod(0o644)
    PostfixWithDovecot(box, Scenery(box).host("relay"), authority)
    system = Installed(box, tables=submission("ses", authority) + route("ses"))
    system.must("root", [WAYPOST, "credential", "add", "secret"], PASSWORD.encode() + b"\n")
    done = system.run("alice", [WAYPOST, "credential", "test", "secret"])
    assert done.returncode == 100 and b"must be root" in done.stderr, done
    told = json.loads(system.must("root", [WAYPOST, "credential", "test", "secret", "--json"]))
    assert told["accepted"] and told["mechanism"] == "SCRAM-SHA-256", told
