"""waypost-config: every mistake is named with file and line and what would be right, and nothing changes by it."""

import subprocess

from waypost import BUILD, RETRY_QUICKLY, Waypost

RELAY = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n'

# (what is wrong, the tables, the line in them at fault, words that the message must hold)
MISTAKES = [
    ("a route to an unknown transport", RELAY + '[[route]]\ntransport = "realy"\n', 'transport = "realy"', ["realy", "relay"]),
    ("a route without a transport", RELAY + '[[route]]\nto = ["a.test"]\n', "[[route]]", ["transport"]),
    ("an empty transport", '[[route]]\ntransport = ""\n', 'transport = ""', ["transport"]),
    ("a bad domain", '[[route]]\nto = ["exa mple..test"]\ntransport = "direct"\n', "to =", ["exa mple..test"]),
    ("an attempt below 1", '[[route]]\nattempt = 0\ntransport = "direct"\n', "attempt = 0", ["attempt"]),
    ("a transport named twice", RELAY + RELAY, "TOML", ["relay"]),
    ("a transport with neither type", "[transport.relay]\nhost = \"relay.test\"\n", "[transport.relay]", ["type"]),
    ("an unknown type", '[transport.relay]\ntype = "smpt"\nhost = "relay.test"\n', 'type = "smpt"', ["smpt", "smtp"]),
    ("a smarthost without a host", '[transport.relay]\ntype = "smtp"\n', "[transport.relay]", ["host"]),
    ("an unknown key of a transport", RELAY + "conections = 3\n", "conections", ["conections", "connections"]),
    ("an unknown key of a route", '[[route]]\ntransprot = "direct"\n', "transprot", ["transprot", "transport"]),
    ("an unknown table", "[defualts]\nconnections = 3\n", "[defualts]", ["defualts", "defaults"]),
    ("a bad port", RELAY + "port = 70000\n", "port = 70000", ["port"]),
    ("a bad address", RELAY + 'source = ["10.0.0.256"]\n', "source =", ["10.0.0.256"]),
    ("a bad duration", '[defaults]\ntimeout_connect = "30 parsecs"\n', "timeout_connect", ["30 parsecs"]),
    ("a bad tls level", RELAY + 'tls = "always"\n', "tls =", ["always", "required"]),
    ("TLS off with implicit TLS", '[transport.s]\ntype = "submissions"\nhost = "s.test"\ntls = "off"\n', "tls =", ["tls"]),
    ("an unknown mechanism", '[transport.s]\ntype = "submission"\nhost = "s.test"\nuser = "u"\ncredential = "c"\n'
     'mechanisms = ["SCRAM-SHA-257"]\n', "mechanisms", ["SCRAM-SHA-257"]),
    ("a mechanism named twice", '[transport.s]\ntype = "submission"\nhost = "s.test"\nuser = "u"\ncredential = "c"\n'
     'mechanisms = ["PLAIN", "PLAIN"]\n', "mechanisms", ["PLAIN"]),
    ("after with mailbox", '[[route]]\nafter = ["mailbox"]\ntransport = "direct"\n', "after =", ["mailbox"]),
    ("after with an unknown class", '[[route]]\nafter = ["bloked"]\ntransport = "direct"\n', "after =", ["bloked", "blocked"]),
    ("a string for a number", "[defaults]\nconnections = \"many\"\n", "connections =", ["connections"]),
    ("a key of another type of transport", '[transport.f]\ntype = "fail"\nproxy = "10.0.0.1:1080"\n', "proxy =", ["proxy"]),
    ("TOML that is none", "[[route\n", "[[route", []),
]

SETTINGS = [
    ("a retry that is no time", 'retry = ["soon"]\n', ["retry", "soon"]),
    ("an unknown key", 'hostnaem = "x"\n', ["hostnaem", "hostname"]),
    ("a bad resolver", 'retry = ["1h"]\npublic_ips = ["nonsense"]\n', ["nonsense"]),
]


def check(waypost, name, words, at_line):
    done = waypost.config("check")
    said = done.stdout + done.stderr
    assert done.returncode == 100, f"{name}: exit {done.returncode}: {said}"
    path = waypost.home / "etc/waypost.toml"
    assert f"{path}:" in said, f"{name}: {said}"
    for word in words:
        assert word in said, f"{name}: no {word!r} in: {said}"
    if at_line:
        lines = [n for n, line in enumerate(path.read_text().splitlines(), 1) if at_line in line]
        assert any(f"{path}:{n}:" in said for n in lines), f"{name}: expected line {lines}: {said}"


def test_every_mistake_is_named_with_its_line(box):
    waypost = Waypost(box)
    complaints = []
    for name, tables, at_line, words in MISTAKES:
        waypost.write_config(RETRY_QUICKLY, tables)
        try:
            check(waypost, name, words, None if at_line == "TOML" else at_line)
        except AssertionError as complaint:
            complaints.append(str(complaint))
    for name, settings, words in SETTINGS:
        waypost.write_config(settings)
        try:
            check(waypost, name, words, None)
        except AssertionError as complaint:
            complaints.append(str(complaint))
    assert not complaints, "\n".join(complaints)


def test_all_mistakes_of_a_file_are_named_at_once(box):
    waypost = Waypost(box)
    waypost.write_config(RETRY_QUICKLY, RELAY + 'tls = "always"\nport = 0\n[[route]]\ntransport = "realy"\n')
    said = waypost.config("check").stderr + waypost.config("check").stdout
    for word in ("always", "port", "realy"):
        assert word in said, said


def test_failed_compile_leaves_the_snapshot_as_it_was(box):
    waypost = Waypost(box)
    before = waypost.command("route", "alice@home.test", "bob@example.test")
    waypost.write_config(RETRY_QUICKLY, '[[route]]\ntransport = "nowhere"\n')
    assert waypost.config("compile").returncode == 100
    assert waypost.command("route", "alice@home.test", "bob@example.test") == before


def test_check_of_another_file_does_not_touch_the_running_config(box):
    waypost = Waypost(box)
    other = waypost.home / "other.toml"
    other.write_text('hostname = "out.home.test"\nretry = ["1h"]\n[[route]]\ntransport = "nowhere"\n')
    done = waypost.config("check", str(other))
    assert done.returncode == 100 and f"{other}:4:" in done.stderr + done.stdout, done
    assert waypost.config("check").returncode == 0


def test_help_of_a_command_of_config_is_its_usage(box):
    done = Waypost(box).config("init", "--help")
    assert done.returncode == 0 and done.stdout.startswith("usage: waypost-config check"), done


def test_mistake_in_the_aliases_is_told_once_by_a_command(box):
    waypost = Waypost(box)
    (waypost.home / "etc/aliases").write_text("two words: root\nteam: alice@a.test, bob@b.test\n")
    assert waypost.config("compile").returncode == 0
    done = waypost.run(["waypost", "route", "alice@home.test", "team@localhost"])
    assert done.returncode == 0 and done.stderr.count(b"event=alias_error") == 1, done


def test_output_that_cannot_be_written_is_told(box):
    waypost = Waypost(box).start()
    printing = (["help"], ["config", "keys"], ["config", "show"], ["config", "check"], ["config", "--help"], ["status"],
                ["stats", "--json"], ["stats", "--prometheus"], ["route", "--help"], ["route", "a@b.test", "c@d.test"],
                ["probe", "--help"], ["spfcheck", "--help"], ["credential", "--help"], ["list", "--help"])
    for words in printing:
        with open("/dev/full", "wb") as full:
            done = subprocess.run([BUILD / "waypost", *words], stdout=full, stderr=subprocess.PIPE,
                                  env=waypost.environment(), cwd=waypost.home, check=False, **waypost.identity())
        assert done.returncode == 111 and b"standard output" in done.stderr, done


def test_misspelt_command_is_told_with_the_one_that_was_meant(box):
    waypost = Waypost(box)
    done = waypost.run(["waypost", "lst"])
    assert done.returncode == 100 and b"did you mean `waypost list`?" in done.stderr, done
    done = waypost.run(["waypost", "quux"])
    assert done.returncode == 100 and b"did you mean" not in done.stderr and b"waypost help" in done.stderr, done


def test_example_of_the_design_compiles(box):
    waypost = Waypost(box)
    tables = '''
delay_notice_after = "4h"
expire_after = "5d"
senders = 200
size_max = "100MB"
hops_max = 50
remove_sync = "batch"
[defaults]
connections = 20
timeout_connect = "30s"
[transport.direct]
tls = "opportunistic"
[transport.relay]
type = "smtp"
host = "smtp.isp.example"
[transport.ses]
type = "submission"
host = "email-smtp.example.net"
user = "AKIA"
credential = "ses"
mechanisms = ["SCRAM-SHA-256", "PLAIN"]
[transport.otherip]
type = "socks"
proxy = "10.9.0.1:1080"
helo  = "out2.example.org"
remote_ips = ["203.0.113.9"]
[transport.no]
type = "fail"
code = 550
text = "no"
[[route]]
to = [".example.com"]
from = ["example.org"]
attempt = 4
transport = "ses"
[[domain."example.org".route]]
transport = "relay"
[[account.alice.route]]
after = ["blocked"]
transport = "otherip"
'''
    waypost.write_config('retry = ["1s"]\n', tables)
    done = waypost.config("check")
    assert done.returncode == 0, done.stdout + done.stderr
