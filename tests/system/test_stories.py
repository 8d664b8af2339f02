"""`waypost why` in six situations that bring somebody out of bed: what it must say, and to whom it must point."""

from sandbox import wait_until
from scenery import Scenery
from sink import Sink, refuse
from waypost import Waypost, new_message

LATER = 'retry = ["1h", "1h", "1h", "1h"]\n'
RELAY = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n'


def story(box, answer=None, tables="", listen=True, settings=LATER, recipients=("bob@example.test",)):
    """(waypost, id) of a message that was tried once."""
    host = Scenery(box).host("mx1")
    if listen:
        Sink(host.listen(25), answer)
    waypost = Waypost(box, settings=settings, tables=tables).start()
    waypost.send(new_message()[1], *recipients)
    return waypost, waypost.wait_for_attempts(1)["id"]


def must_say(waypost, message_id, *lines):
    text = waypost.command("why", message_id)
    at = 0
    for line in lines:
        at = text.find(line, at)
        assert at >= 0, f"{line!r} is missing, or out of order, in\n{text}"
    return text


def test_greylisted(box):
    waypost, its_id = story(box, refuse("RCPT", "450 4.7.1 Greylisted, come back in 5 minutes"))
    text = must_say(waypost, its_id, "attempt 1 by direct (no rule matched)", "mx1.example.test [10.77.0.11], clear text",
                    "bob@example.test: deferred, greylisted", "450 4.7.1 Greylisted, come back in 5 minutes",
                    "Now", "waits, greylisted", "Who must act? Nobody", "What comes next", "attempt 2 at ", "(in 59m), by direct",
                    "the sender is told of the delay at ", "(in 3h)", "goes back to the sender",
                    "What would change it", f"waypost kick {its_id} ", "try it now", f"waypost hold {its_id} ")
    assert "--transport NAME" not in text, "there is no other transport"


def test_blocked_and_moved_to_another_transport(box):
    tables = RELAY + '[[route]]\nafter = ["blocked"]\ntransport = "relay"\n'
    scenery = Scenery(box)
    Sink(scenery.host("mx1").listen(25), refuse("RCPT", "550 5.7.1 10.77.0.1 is listed at bl.example, see https://bl.example"))
    Sink(scenery.host("relay").listen(25), refuse("RCPT", "451 4.3.0 busy"))
    waypost = Waypost(box, settings=LATER, tables=tables).start()
    waypost.send(new_message()[1], "bob@example.test")
    its_id = waypost.wait_for_attempts(2)["id"]
    must_say(waypost, its_id, "attempt 1 by direct (no rule matched)",
             "refused for good here, moved to another transport, blocked", "550 5.7.1 10.77.0.1 is listed at bl.example",
             "attempt 2 by relay (waypost.toml:", "451 4.3.0 busy", "Now", "What comes next", "attempt 3 at ",
             "by relay (waypost.toml:", f"waypost kick {its_id} --transport NAME", "by another way: direct")


def test_dead_host(box):
    tables = RELAY + '[[route]]\nattempt = 4\ntransport = "relay"\n'
    waypost, its_id = story(box, listen=False, tables=tables)
    must_say(waypost, its_id, "attempt 1 by direct", "deferred, unreachable", "Connection refused",
             "waits, unreachable", "Their server could not be reached", "Who must act? Nobody yet",
             "attempt 2 at ", "by direct (no rule matched)", "from attempt 4 on, ", "(in 2h) at the earliest, by relay (waypost.toml:")


def test_refused_by_the_mailbox(box):
    waypost, its_id = story(box, lambda session, verb, line: "550 5.1.1 no such user" if verb == "RCPT" and "carol" in line
                            else "451 4.2.2 mailbox full" if verb == "RCPT" else None,
                            recipients=("bob@example.test", "carol@example.test"))
    wait_until(lambda: "told the sender" in waypost.command("why", its_id), 10, "the notice")  # made after the attempt
    must_say(waypost, its_id, "carol@example.test: failed for good, mailbox", "550 5.1.1 no such user",
             "told the sender: notice ", "Now", "carol@example.test: failed for good", "bob@example.test: waits, mailbox",
             "Who must act? The sender", "What comes next", "bob@example.test: attempt 2")


def test_held_by_hand(box):
    waypost, its_id = story(box, listen=False)
    waypost.command("hold", its_id)
    text = must_say(waypost, its_id, "attempt 1", f"held by uid {waypost.uid}", "What comes next",
                    "bob@example.test: held, until somebody releases it", f"waypost release {its_id} ", "let it go on",
                    f"waypost bounce {its_id} ", "give up")
    assert "try it now" not in text and "goes back to the sender" not in text


def test_waiting_for_the_routes(box):
    waypost, its_id = story(box, listen=False, tables=RELAY)
    waypost.command("kick", its_id, "--transport", "relay")
    waypost.wait_for_attempts(2)
    waypost.write_config(LATER)  # which has no such transport any more
    waypost.command("reload")
    waypost.command("kick", its_id)
    must_say(waypost, its_id, "transport set to relay by uid", "attempt 2 by relay (by hand)", "What comes next",
             "bob@example.test: waits: ", "relay", "Who must act? The administrator of this host",
             f"waypost kick {its_id} --routes", "let the routes choose again")
    assert waypost.list()[0]["recipients"][0]["attempts"] == 2, "waiting is no attempt"


def test_without_a_manager_it_says_so(box):
    waypost, its_id = story(box, listen=False)
    waypost.stop()
    must_say(waypost, its_id, "attempt 1", "What comes next", "No queue manager is running", "attempt 2 at ",
             "by the route that matches then")
