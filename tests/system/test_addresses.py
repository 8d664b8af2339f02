"""Addresses beyond ASCII from sendmail to the wire, and servers that tell what they will take (RFC 9422)."""

from scenery import Scenery
from sink import Sink
from waypost import Waypost, new_message

IDN_ZONE = "xn--bcher-kva.test. IN MX 10 mx1.example.test.\n"
EVERYTHING = ("PIPELINING", "8BITMIME", "SMTPUTF8")


def recipients(message):
    # The sink keeps lines as Latin-1, byte by byte.
    return [line.encode("latin-1").decode().removeprefix("RCPT TO:") for line in message.recipients]


def test_domain_beyond_ascii_goes_in_a_labels_to_a_server_without_smtputf8(box):
    sink = Sink(Scenery(box, IDN_ZONE).host("mx1").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "anna@bücher.test")
    message = sink.wait_for(1)[0]
    assert recipients(message) == ["<anna@xn--bcher-kva.test>"]
    assert "SMTPUTF8" not in message.sender


def test_address_beyond_ascii_goes_as_it_is_with_smtputf8(box):
    sink = Sink(Scenery(box, IDN_ZONE).host("mx1").listen(25), extensions=EVERYTHING)
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "jürgen@bücher.test")
    message = sink.wait_for(1)[0]
    assert recipients(message) == ["<jürgen@bücher.test>"]
    assert message.sender.endswith(" SMTPUTF8")


def test_local_part_beyond_ascii_comes_back_without_smtputf8_and_the_others_arrive(box):
    scenery = Scenery(box, IDN_ZONE)
    sink, home = Sink(scenery.host("mx1").listen(25)), Sink(scenery.host("home").listen(25))
    waypost = Waypost(box).start()
    waypost.send(new_message()[1], "jürgen@bücher.test", "anna@bücher.test")
    assert recipients(sink.wait_for(1)[0]) == ["<anna@xn--bcher-kva.test>"]
    assert b"5.6.7" in home.wait_for(1)[0].data
    waypost.wait_for_empty_queue()
    assert len(sink.messages) == len(home.messages) == 1


def test_utf8_in_the_header_demands_nothing(box):
    sink = Sink(Scenery(box).host("mx1").listen(25), extensions=EVERYTHING)
    waypost = Waypost(box).start()
    waypost.send(new_message(subject="Grüße")[1], "bob@example.test")
    message = sink.wait_for(1)[0]
    assert "SMTPUTF8" not in message.sender and "BODY=8BITMIME" in message.sender
    assert "Subject: Grüße\r\n".encode() in message.data


def test_what_a_server_says_it_takes_is_all_that_it_gets(box):
    def enforce(session, verb, line):
        """As the server said, or the session is of no more use."""
        mails = sum(command.startswith("MAIL ") for command in session.commands)
        since_mail = session.commands[max((n for n, c in enumerate(session.commands) if c.startswith("MAIL ")), default=0):]
        domains = {command.rpartition("@")[2] for command in session.commands if command.startswith("RCPT ")}
        if mails > 2 or sum(c.startswith("RCPT ") for c in since_mail) > 3 or len(domains) > 2:
            return "421 4.7.0 I told you so" if verb != "QUIT" else None
        return None

    sink = Sink(Scenery(box).host("relay").listen(25), enforce,
                extensions=("PIPELINING", "LIMITS MAILMAX=2 RCPTMAX=3 RCPTDOMAINMAX=2"))
    tables = '[transport.relay]\ntype = "smtp"\nhost = "relay.test"\n[[route]]\ntransport = "relay"\n'
    waypost = Waypost(box, settings='retry = ["1h"]\n', tables=tables).start()
    everybody = [f"user{user}@d{domain}.test" for domain in range(3) for user in range(7)]
    for _ in range(5):
        waypost.send(new_message()[1], *everybody)
    waypost.wait_for_empty_queue(30)
    taken = [rcpt for message in sink.messages for rcpt in recipients(message)]
    assert sorted(taken) == sorted(5 * [f"<{address}>" for address in everybody])
    assert not any("421" in event.get("reply", "") for event in waypost.events())
