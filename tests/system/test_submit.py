"""waypost-submit: one message at once to the server that submit.toml names; what cannot be sent is saved."""

import os
import signal
import stat

import certificates
from sandbox import open_files, wait_until
from scenery import Scenery
from sink import Sink, refuse
from submitter import PASSWORD, Submitter, submission
from testing import PATIENCE
from waypost import Waypost

LETTER = b"From: me@home.test\nTo: bob@example.test, root\nCc: carol@two.test\nBcc: secret@example.test\nSubject: hello\n\nhello\n.\nmore\n"
LOGIN = ("AUTH PLAIN", "PIPELINING", "8BITMIME", "SIZE 1000")


def server(box, answer=None, port=587, name="relay", issued="relay.test"):
    """A sink with TLS and AUTH PLAIN, and the authority that its certificate is from."""
    authority = certificates.Authority(box.path("ca"))
    os.chmod(authority.certificate, 0o644)

    def answers(session, verb, line):
        said = answer(session, verb, line) if answer else None
        return said or ("235 2.7.0 Welcome" if verb == "AUTH" else None)

    tls = certificates.server_context(*authority.issue(issued))
    return authority, Sink(Scenery(box).host(name).listen(port), answers, LOGIN, tls)


def no_carol(_session, verb, line):
    return "550 5.1.1 No carol here" if verb == "RCPT" and "carol" in line else None


def test_those_who_are_accepted_get_it_at_once_and_it_is_saved_for_the_others(box):
    authority, sink = server(box, no_carol)
    user = Submitter(box, submission(authority, 'from = "me@home.test"', 'local_mail = "me@home.test"'))
    done = user.run(LETTER, "-ti", "--debug")
    assert done.returncode == 67, done
    (message,) = sink.messages
    assert message.tls and message.sender.startswith("MAIL FROM:<me@home.test>"), message.sender
    to = sorted(line.partition("<")[2].partition(">")[0] for line in message.recipients)
    assert to == ["bob@example.test", "me@home.test", "secret@example.test"], to
    assert b"Bcc" not in message.data and b"secret@" not in message.data and b"\r\n.\r\nmore\r\n" in message.data, message.data
    assert b"Message-ID: <" in message.data and b"Date: " in message.data
    (path,) = user.saved()
    assert str(path) in done.stderr and "carol@two.test: 550 5.1.1 No carol here" in done.stderr, done.stderr
    assert user.recipients_of(path) == ["carol@two.test"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert " > AUTH PLAIN (" in done.stderr and " < 235 2.7.0 Welcome" in done.stderr, done.stderr
    assert not any(secret in done.stderr for secret in (PASSWORD, "AHVzZXI")), done.stderr
    assert "No carol here" in user.run(b"", "-bp").stdout
    again = user.run(b"", "--resend", path)
    assert again.returncode == 67 and user.saved() == [path], again
    sink._answer = lambda session, verb, line: "235 2.7.0 Welcome" if verb == "AUTH" else None
    sent = user.run(b"", "-q")
    assert sent.returncode == 0 and not user.saved() and not sent.stderr, sent
    assert sink.messages[-1].data == message.data


def failing(box, answer=None, issued="relay.test"):
    authority, sink = server(box, answer, issued=issued)
    return Submitter(box, submission(authority)), sink


def is_saved(user, status, words, sink=None):
    """The message is handed in, is not sent, lies in a file, and the words are told."""
    done = user.run(LETTER, "-i", "bob@example.test")
    (path,) = user.saved()
    assert done.returncode == status and words in done.stderr and str(path) in done.stderr, done
    assert user.recipients_of(path) == ["bob@example.test"] and path.read_bytes().endswith(b"\r\nhello\r\n.\r\nmore\r\n")
    assert PASSWORD not in done.stderr and (sink is None or not sink.messages)
    path.unlink()


def test_a_wrong_password_or_certificate_saves_the_message(box):
    user, sink = failing(box, refuse("AUTH", "535 5.7.8 Wrong password"))
    is_saved(user, 77, "535 5.7.8 Wrong password", sink)
    assert sum(line.startswith("AUTH") for line in sink.commands()) == 1
    user.configure(submission(certificates.Authority(box.path("another"))))
    is_saved(user, 76, "certificate", sink)
    assert not any("AUTH" in line for session in sink.sessions for line in session.in_clear)


def saves_two(user, sink):
    """Two messages for different people; the login is refused to them."""
    sink._answer = refuse("AUTH", "535 5.7.8 Wrong password")
    for name in ("first", "second"):
        assert user.run(LETTER, "-i", f"{name}@example.test").returncode == 77
    return user.saved()


def test_a_refused_login_is_not_tried_for_the_next_saved_message(box):
    """Servers lock the account of who comes with a wrong password again and again."""
    user, sink = failing(box)
    saved = saves_two(user, sink)
    sink.sessions.clear()
    done = user.run(b"", "-q")
    assert done.returncode == 77 and "no other message is tried" in done.stderr and user.saved() == saved, done
    assert sum(line.startswith("AUTH") for line in sink.commands()) == 1, sink.commands()


def test_what_became_of_one_saved_message_is_not_said_of_the_next(box):
    user, sink = failing(box)
    first, second = saves_two(user, sink)

    def answer(_session, verb, line):
        if verb == "RCPT" and "second@" in line:
            wait_until(lambda: False, 60)
        return "235 2.7.0 Welcome" if verb == "AUTH" else None

    sink._answer = answer
    child = user.process("--resend", first, second)
    wait_until(lambda: any(line.startswith("RCPT") and "second@" in line for line in sink.commands()), 20, "the second RCPT")
    child.send_signal(signal.SIGTERM)
    _, errors = child.communicate(timeout=60 * PATIENCE)
    assert child.returncode == 75 and b"interrupted by SIGTERM" in errors, (child.returncode, errors)
    assert len(sink.messages) == 1 and user.saved() == [second] and user.recipients_of(second) == ["second@example.test"]


def test_a_server_that_is_away_or_refuses_saves_the_message(box):
    user, sink = failing(box, refuse("DATA", "451 4.3.0 Not now"))
    is_saved(user, 75, "451 4.3.0 Not now", sink)
    config = (user.home / ".config/waypost/submit.toml").read_text()
    user.configure(config.partition("10.77.0.2\"\n")[2].replace("port = 587", "port = 588"))
    is_saved(user, 75, "refused")
    user.configure(config.partition("10.77.0.2\"\n")[2].replace("relay.test", "nobody.test"))
    is_saved(user, 68, "nobody.test")
    user.password.chmod(0o640)
    user.configure(config.partition("10.77.0.2\"\n")[2].replace('password_command = ["cat", "password"]',
                                                           f'password_file = "{user.password}"'))
    is_saved(user, 77, "others than its owner can read it")
    user.configure("host = 5\n")
    is_saved(user, 78, "submit.toml:3: host: 5")


def test_a_message_outlives_every_end_of_the_program(box):
    user, sink = failing(box, lambda _s, verb, _l: wait_until(lambda: False, 60) if verb == "RCPT" else None)
    for number, status in ((signal.SIGKILL, -9), (signal.SIGTERM, 75)):
        child = user.process("-i", "bob@example.test")
        child.stdin.write(LETTER)
        child.stdin.close()
        seen = len(sink.sessions)
        wait_until(lambda: any(line.startswith("RCPT") for session in sink.sessions[max(seen - 1, 0):] for line in session.commands), 20,
                   "RCPT")
        child.send_signal(number)
        child.stdin = None
        _, errors = child.communicate(timeout=60 * PATIENCE)
        assert child.returncode == status, (child.returncode, errors)
        (path,) = user.saved()
        assert user.recipients_of(path) == ["bob@example.test"]
        path.unlink()
        sink.sessions.clear()


def test_a_message_that_was_never_whole_leaves_nothing(box):
    """Killed while it reads: no file, under whatever name."""
    user, _ = failing(box, lambda _s, _verb, _l: None)
    child = user.process("-i", "bob@example.test")
    child.stdin.write(LETTER + b"x" * 1_000_000)
    child.stdin.flush()
    wait_until(lambda: any("(deleted)" in target and "/#" in target for target in open_files(child.pid)), 20, "the file without a name")
    child.kill()
    child.wait()
    child.stdin = None
    assert os.listdir(user.home / ".local/state/waypost") == []


def test_the_systems_file_port_465_and_a_credential_of_the_store(box):
    authority = certificates.Authority(box.path("ca"))
    os.chmod(authority.certificate, 0o644)
    tls = certificates.server_context(*authority.issue("relay.test"))
    listener = tls.wrap_socket(Scenery(box).host("relay").listen(465), server_side=True)
    sink = Sink(listener, lambda _s, verb, _l: "235 2.7.0 Welcome" if verb == "AUTH" else None, LOGIN)
    waypost = Waypost(box)
    assert waypost.run(["waypost", "credential", "add", "secret"], stdin=b"pencil\n").returncode == 0
    path = waypost.home / "etc/submit.toml"

    def run(credential, *lines):
        path.write_text('hostname = "out.home.test"\nresolver = "10.77.0.2"\nhost = "relay.test"\nport = 465\nuser = "user"\n'
                        f'ca = "{authority.certificate}"\ncredential = "{credential}"\n' + "\n".join(lines) + "\n")
        return waypost.run(["waypost-submit", "-i", "bob@example.test"], stdin=LETTER, name="sendmail")

    checked = waypost.run(["waypost-submit", "--check"])
    assert checked.returncode == 78 and b"etc/submit.toml" in checked.stderr, checked
    assert run("secret").returncode == 0 and "AUTH PLAIN AHVzZXIAcGVuY2ls" in sink.commands(), sink.commands()
    # Without a folder it goes out of memory; and what does not go out is the caller's, who is told.
    assert run("secret", 'save = "/proc/nowhere"').returncode == 0 and len(sink.messages) == 2
    done = run("another", 'save = "/proc/nowhere"')
    assert done.returncode == 77 and b"NOT SAVED" in done.stderr and b"/proc/nowhere" in done.stderr, done
