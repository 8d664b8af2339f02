"""Mail that ends on this machine, on the installed, privilege-separated system."""

import os
from pathlib import Path

from installed import ORDINARY
from local_mail import ALIASES, NOBODY, LocalMail
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from waypost import new_message


def test_user_gets_mail_into_the_system_mailbox(box):
    Scenery(box)
    system = LocalMail(box).start()
    token, message = new_message(body="From the first line\n>From quoted\n.\n")
    system.send("bob", message, "alice+lists@localhost")
    (letter,) = system.wait_for_letters("/var/mail/alice")
    assert token.encode() in letter and letter.count(b"Return-Path: <bob@home.test>\n") == 1
    assert b"Delivered-To: alice+lists@localhost\n" in letter and b"\r" not in letter
    raw = Path("/var/mail/alice").read_bytes()
    assert raw.startswith(b"From bob@home.test ") and b"\n>From the first line\n>>From quoted\n.\n" in raw
    status = Path("/var/mail/alice").stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o7777) == (ORDINARY["alice"], 8, 0o660), status
    system.wait_for_empty_queue()
    assert sorted(os.listdir("/var/mail")) == ["alice"], "no lock is left behind"
