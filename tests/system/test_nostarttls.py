"""Servers that are hostile around STARTTLS: the scripts of "Why TLS is better without STARTTLS" (USENIX Security 2021).

Each script is a server of its own; a transport that requires TLS is pointed at each. Whatever the server says, no
command of a transaction goes out in clear text, the message stays or is delivered over TLS, and nothing bounces.
"""

import re
from pathlib import Path

import certificates
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from testing import Skip, time_limit
from waypost import RETRY_QUICKLY, Waypost, new_message

SCRIPTS = Path(__file__).resolve().parents[3] / "shared/data/nostarttls/testcases/smtp"
STRING = r'"((?:[^"\\]|\\.)*)"'
FIRST_PORT = 3000


def unescape(text):
    return text.replace("\\r", "\r").replace("\\n", "\n").replace('\\"', '"').removesuffix("\r\n")


class Script:
    """What one .ron file makes of a Sink."""

    def __init__(self, path):
        text = re.sub(r"//[^\n]*", "", path.read_text())
        self.name = str(path.relative_to(SCRIPTS))
        self.offers = "StartTLS" in text.split("capabilities_tls")[0]
        self.replies = {verb.upper(): unescape(reply) for verb, reply in re.findall(STRING + r":\s*" + STRING, text)}
        for key, verb in (("greeting", "CONNECT"), ("stls_response", "STARTTLS")):
            found = re.search(rf"\b{key}:\s*{STRING}", text)
            if found:
                self.replies[verb] = unescape(found[1])
        if not self.offers:
            self.replies.setdefault("STARTTLS", "502 5.5.1 Command not implemented")
        # A reply of the script's own to STARTTLS is followed by TLS only where it says so.
        self.begins_tls = "STARTTLS" not in self.replies or "stls_make_transition: true" in text

    def sink(self, listener, context):
        return Sink(listener, lambda session, verb, line: self.replies.get(verb), tls=context if self.begins_tls else None,
                    extensions=("PIPELINING", "STARTTLS") if self.offers and not self.begins_tls else ("PIPELINING",))


def before_tls(session):
    """The lines before a ClientHello, which a server that does not begin TLS takes for lines as well."""
    hello = [number for number, line in enumerate(session.in_clear) if line.startswith("\x16\x03")]
    return session.in_clear[: hello[0]] if hello else session.in_clear


def tables(scripts, transport):
    lines = []
    for number, _ in enumerate(scripts):
        lines += [f"[transport.s{number}]", *transport, 'host = "relay.test"', f"port = {FIRST_PORT + number}",
                  'timeout_greeting = "2s"', 'timeout_command = "2s"']
    for number, _ in enumerate(scripts):
        lines += ["[[route]]", f'to = ["s{number}.test"]', f'transport = "s{number}"']
    return "\n".join(lines) + "\n"


def give_nothing_away(box, *transport):
    """Mail by that transport to every script's server; none may hear anything in clear text, nor lose the mail."""
    if not SCRIPTS.is_dir():
        raise Skip(f"the scripts are not there: {SCRIPTS}")
    scripts = [Script(path) for path in sorted(SCRIPTS.rglob("*.ron"))]
    assert len(scripts) > 50
    scenery = Scenery(box)
    host, home = scenery.host("relay"), Sink(scenery.host("home").listen(25))
    authority = certificates.Authority(box.path("ca"))
    context = certificates.server_context(*authority.issue("relay.test"))
    sinks = [script.sink(host.listen(FIRST_PORT + number), context) for number, script in enumerate(scripts)]
    waypost = Waypost(box, settings=RETRY_QUICKLY.replace('"1s"]', '"1h"]'),
                      tables=tables(scripts, [*transport, f'ca = "{authority.certificate}"']))
    assert waypost.run(["waypost-credential", "add", "secret"], stdin=b"canary-password").returncode == 0
    waypost.start()
    for number, _ in enumerate(scripts):
        waypost.send(new_message()[1], f"bob@s{number}.test")
    wait_until(lambda: all(sink.sessions for sink in sinks), 60, "every server to be tried")
    wait_until(lambda: all(row["recipients"][0]["attempts"] >= 1 for row in waypost.list()), 60, "every message's attempt")
    waiting = {row["recipients"][0]["address"] for row in waypost.list()}
    wrong = {}
    for number, (script, sink) in enumerate(zip(scripts, sinks)):
        said = [line for session in sink.sessions for line in before_tls(session)]
        # EHLO or HELO, and STARTTLS: no other byte, so none of MAIL, and none of AUTH.
        strange = [line for line in said if line.split(" ")[0].upper() not in ("EHLO", "HELO", "STARTTLS", "QUIT")]
        if strange:
            wrong[script.name] = f"in clear text: {strange}"
        if not any(message.tls for message in sink.messages) and f"bob@s{number}.test" not in waiting:
            wrong[script.name] = "the message is gone"
    print(f"note: nostarttls, {len(scripts) - len(wrong)} passed, of {len(scripts)}")
    assert not wrong, wrong
    assert home.messages == [], "trouble with TLS bounces nothing"
    assert waypost.tree.poll() is None
    assert not waypost.events(event="sender_gone"), "no server's words end a sender"


@time_limit(120)
def test_required_tls_gives_nothing_away_to_hostile_servers(box):
    give_nothing_away(box, 'type = "smtp"', 'tls = "required"')


@time_limit(120)
def test_submission_gives_no_login_away_to_hostile_servers(box):
    give_nothing_away(box, 'type = "submission"', 'user = "user"', 'credential = "secret"')
