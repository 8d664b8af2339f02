"""The commands a person uses to look: list, why, show and route, on a queue that a test has made."""

import json

from scenery import Scenery
from sink import Sink, refuse
from waypost import Waypost, new_message

LATER = 'retry = ["1h", "1h", "1h", "1h"]\n'
RELAY = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n'


def deferred(box, tables=""):
    """A tree with one message that was tried once, and will be tried again in an hour."""
    scenery = Scenery(box)
    mx1 = Sink(scenery.host("mx1").listen(25), refuse("MAIL", "451 4.3.2 wait", 1))
    waypost = Waypost(box, settings=LATER, tables=tables).start()
    token, message = new_message()
    waypost.send(message, "bob@example.test")
    return scenery, mx1, waypost, message, waypost.wait_for_attempts(1), token


def test_list_says_what_is_documented(box):
    _, _, waypost, message, row, _ = deferred(box)
    assert {"id", "arrived", "size", "sender", "account", "held", "recipients"} <= row.keys()
    assert row["sender"] == "alice@home.test" and row["held"] is False and row["size"] >= len(message)
    (recipient,) = row["recipients"]
    assert {"address", "state", "attempts", "next_attempt", "transport", "class", "reply"} <= recipient.keys()
    assert recipient["address"] == "bob@example.test" and recipient["state"] == "pending"
    assert recipient["attempts"] == 1 and recipient["transport"] == "direct" and "4.3.2 wait" in recipient["reply"]
    assert recipient["next_attempt"] > row["arrived"], "both are RFC 3339 and sort as text"
    assert row["id"] in waypost.command("list")


def test_list_filters(box):
    _, _, waypost, _, row, _ = deferred(box)
    found = ([["--id", row["id"]], ["--from", "alice@home.test"], ["--to", "bob@example.test"],
              ["--domain", "example.test"], ["--transport", "direct"], ["--class", row["recipients"][0]["class"]]])
    for words in found:
        assert len(waypost.list(*words)) == 1, words
    for words in (["--from", "eve@home.test"], ["--domain", "two.test"], ["--transport", "relay"], ["--held"],
                  ["--older", "1d"]):
        assert waypost.list(*words) == [], words


def test_why_tells_the_story(box):
    _, _, waypost, _, row, _ = deferred(box)
    (record,) = [r for r in waypost.why(row["id"]) if r.get("outcome") == "deferred"]
    assert record["recipient"] == "bob@example.test" and record["attempt"] == 1 and record["transport"] == "direct"
    assert record["host"] == "mx1.example.test" and record["address"] == "10.77.0.11"
    assert record["code"] == 451 and record["enhanced"] == "4.3.2"
    text = waypost.command("why", row["id"])
    for wanted in ("bob@example.test", "mx1.example.test", "4.3.2 wait"):
        assert wanted in text, text


def test_why_of_an_address_tells_of_what_waits_to_it_or_from_it(box):
    _, _, waypost, _, row, _ = deferred(box)
    for address in ("bob@example.test", "BOB@example.test", "alice@home.test"):
        story = waypost.command("why", address)
        assert story.startswith(row["id"]) and "4.3.2 wait" in story, story
    assert "< 451 4.3.2 wait" in waypost.command("why", "--transcript", "bob@example.test")
    nobody = waypost.run(["waypost", "why", "carol@example.test"])
    assert nobody.returncode == 100 and b"nothing waits to or from carol@example.test" in nobody.stderr
    assert nobody.stdout == b""
    assert b"takes an ID" in waypost.run(["waypost", "why", "--json", "bob@example.test"]).stderr


def test_why_of_an_address_tells_the_newest_ten_stories(box):
    waypost = Waypost(box)
    for _ in range(12):
        waypost.send(new_message()[1], "bob@example.test")
    ids = [row["id"] for row in waypost.list()]
    lines = waypost.command("why", "bob@example.test").splitlines()
    assert lines[0].startswith("12 messages wait to bob@example.test; these are the newest 10.")
    told = [line.split()[0] for line in lines if " from alice@home.test" in line]
    assert len(ids) == 12 and told == ids[2:]


def test_show_prints_the_message_itself(box):
    _, _, waypost, message, row, _ = deferred(box)
    shown = waypost.run(["waypost", "show", row["id"]]).stdout
    assert shown.replace(b"\r\n", b"\n").endswith(message)


def test_commands_work_without_a_manager(box):
    _, mx1, waypost, message, row, _ = deferred(box)
    waypost.stop()
    assert waypost.list() == [row]
    assert waypost.why(row["id"])
    assert waypost.run(["waypost", "show", row["id"]]).stdout.replace(b"\r\n", b"\n").endswith(message)


def test_route_says_which_rule_wins_at_each_attempt(box):
    waypost = Waypost(box, settings=LATER, tables=RELAY + '[[route]]\nto = [".two.test"]\ntransport = "relay"\n'
                      '[[route]]\nattempt = 3\ntransport = "relay"\n')
    output = waypost.command("route", "--json", "alice@home.test", "bob@example.test")
    rows = [json.loads(line) for line in output.splitlines()]
    assert [row["attempt"] for row in rows] == [1, 2, 3, 4, 5]
    assert [row["transport"] for row in rows] == ["direct", "direct", "relay", "relay", "relay"]
    lines = (waypost.home / "etc/waypost.toml").read_text().splitlines()
    rules = [f"waypost.toml:{number}" for number, line in enumerate(lines, 1) if line == "[[route]]"]
    assert rows[0]["rule"] == "default" and rows[2]["rule"] == rules[1]
    lost = [(lost["rule"], lost["why"][0]["criterion"]) for lost in rows[0]["lost"]]
    assert lost == list(zip(rules, ("to", "attempt")))
    text = waypost.command("route", "alice@home.test", "bob@sub.two.test")
    assert "relay" in text and rules[0] in text


LEVELS = '''
[transport.global]
type = "smtp"
host = "relay.test"
[transport.domain]
type = "smtp"
host = "relay.test"
[transport.account]
type = "smtp"
host = "relay.test"
[[route]]
to = [".example.com"]
transport = "global"
[[route]]
to = ["bücher.example"]
transport = "global"
[[route]]
from = ["home.test"]
to = ["from.test"]
transport = "global"
[[route]]
from = ["out.home.test"]
to = ["bare.test"]
transport = "global"
[[domain."home.test".route]]
to = ["two.test"]
transport = "domain"
[[domain."home.test".route]]
to = ["a.example.com"]
transport = "direct"
[[account.alice.route]]
to = ["two.test"]
transport = "account"
'''


def test_routes_go_by_account_then_domain_then_global(box):
    waypost = Waypost(box, settings=LATER, tables=LEVELS)
    rows = [
        ("x@home.test", "b@two.test", [], "domain"), ("x@home.test", "b@two.test", ["--account", "alice"], "account"),
        ("x@other.test", "b@two.test", [], "direct"), ("x@home.test", "b@a.example.com", [], "direct"),
        ("x@other.test", "b@a.example.com", [], "global"), ("x@other.test", "b@EXAMPLE.com", [], "global"),
        ("x@other.test", "b@badexample.com", [], "direct"), ("x@other.test", "b@xn--bcher-kva.example", [], "global"),
        ("x@other.test", "b@Bücher.example", [], "global"), ("x@home.test", "b@from.test", [], "global"),
        ("x@HOME.test", "b@from.test", [], "global"), ("x@sub.home.test", "b@from.test", [], "direct"),
        ("", "b@from.test", [], "direct"), ("x@home.test", "b@[192.0.2.1]", [], "direct"),
        ("cron", "b@bare.test", [], "global"),  # as sendmail completes it
    ]
    for sender, recipient, options, transport in rows:
        output = waypost.command("route", "--json", *options, sender, recipient)
        got = json.loads(output.splitlines()[0])["transport"]
        assert got == transport, f"{sender!r} to {recipient}, {options}: {got}, not {transport}"


def test_new_message_is_seen_at_once(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "bob@example.test")
    sink.wait_for(1)  # of new/ nothing is ever read a second time: without its event it would wait for the next start


