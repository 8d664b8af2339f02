"""The programs that hand in a letter, each as its callers run it: its answer as one exit status.

0: the letter was taken; what the manuals call temporary: it was not; GAVE_UP: nobody answered, so it may have been;
FALSE_SUCCESS: the program said that all is well, and it is not.
"""

import os
import shutil
import socket
import subprocess

import scene

from smtp_service import Client  # noqa: E402  (scene sets the path)
from waypost import BUILD  # noqa: E402

GAVE_UP, FALSE_SUCCESS = -1, 99
SECONDS = 40

NOT_STARTED = {127, 134}  # what the C library says when it has no memory before main
# What a temporary fault may be called: waypost-queue(8), sysexits(3), waypost-dkimsign(8); for SMTP 75 is a reply 4xx.
# Never what makes a caller give the mail up.
TEMPORARY = {
    "queue": {51, 52, 53, 54, 62, 63, 64, 66, 71, 72, 73, 74, 81},
    "inject": {69, 70, 71, 73, 74, 75},
    "smtpd": {75, GAVE_UP},
    "dkimsign": {111},
}
SELECTOR = "proof"


def kind_of(program):
    """waypost-inject/waypost-queue, waypost-inject.fork, becoming/waypost-queue -> inject"""
    first = program.partition("/")[0].removesuffix(".fork").removeprefix("waypost-")
    first = {"listening": "smtpd", "becoming": "inject"}.get(first, first)
    return first if first in TEMPORARY else "queue"


def hand_in(stage, program, letter, traced):
    """traced(argv): the command that runs argv under a tracer. The status as above, None when it does not end."""
    way = {"inject": by_inject, "smtpd": by_smtp, "dkimsign": signed}.get(kind_of(program), by_queue)
    try:
        return way(stage, program, letter, traced)
    except subprocess.TimeoutExpired:
        return None


def run(stage, argv, **options):
    return subprocess.run([str(a) for a in argv], stderr=subprocess.DEVNULL, env=stage.waypost.environment(),
                          cwd=stage.waypost.home, timeout=SECONDS, check=False, **options)


def by_inject(stage, program, letter, traced):
    programs = set_id_programs(stage) if program.startswith("becoming/") else BUILD
    argv = traced([programs / "waypost-inject", "-i", "-f", letter.sender, "--", *letter.recipients])
    return run(stage, argv, input=letter.wire, stdout=subprocess.DEVNULL).returncode


def set_id_programs(stage):
    """A folder where waypost-queue has the bit by which waypost-inject knows that it may become it."""
    folder = stage.box.folder / "becoming"
    if not folder.exists():
        folder.mkdir()
        for name in ("waypost-inject", "waypost-queue"):
            shutil.copy(BUILD / name, folder)
        os.chown(folder / "waypost-queue", stage.waypost.uid, stage.waypost.uid)
        (folder / "waypost-queue").chmod(0o2755)
    return folder


def by_queue(stage, program, letter, traced):
    argv = stage.read_only_queue() if program.startswith("handover") else [BUILD / "waypost-queue"]
    with stage.injector(letter, traced(argv), uid=0) as child:
        return scene.end_of(child, SECONDS)


# ---- SMTP

def by_smtp(stage, program, letter, traced):
    return (by_service if program.startswith("listening/") else by_connection)(stage, letter, traced)


def by_service(stage, letter, traced):
    """waypost-smtpd takes the connection itself, as inetd's `wait` has it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        child = subprocess.Popen([str(a) for a in traced([BUILD / "waypost-smtpd"])], stdin=listener, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, env={**stage.waypost.environment(), "RELAYCLIENT": ""}, cwd="/")
        with child:
            try:
                status = answer_to(listener.getsockname(), letter)
            finally:
                child.terminate()  # and faultat, where it is traced, ends what it traces
            scene.end_of(child, SECONDS)
    return status


def answer_to(address, letter):
    with socket.create_connection(address) as ours:
        ours.settimeout(SECONDS)
        try:
            return dialogue(ours, letter)
        except TimeoutError as reason:
            raise subprocess.TimeoutExpired("waypost-smtpd", SECONDS) from reason
        except (OSError, AssertionError):  # it has closed, perhaps within a reply
            return GAVE_UP


def by_connection(stage, letter, traced):
    """A connection of its own, as tcpserver gives it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ours = socket.create_connection(listener.getsockname())
        theirs, _ = listener.accept()
    said = {"TCPREMOTEIP": "127.0.0.1", "PROTO": "TCP", "RELAYCLIENT": ""}
    with theirs:
        child = subprocess.Popen([str(a) for a in traced([BUILD / "waypost-smtpd"])], stdin=theirs, stdout=theirs,
                                 stderr=subprocess.DEVNULL, env={**stage.waypost.environment(), **said}, cwd="/")
    with child, ours:
        ours.settimeout(SECONDS)
        try:
            status = dialogue(ours, letter)
        except TimeoutError as reason:
            child.kill()
            raise subprocess.TimeoutExpired("waypost-smtpd", SECONDS) from reason
        except (OSError, AssertionError):  # it has closed, perhaps within a reply
            status = GAVE_UP
        ours.close()
        scene.end_of(child, SECONDS)
    return status


def dialogue(connection, letter):
    client = Client(connection)
    lines = ["EHLO client.test", f"MAIL FROM:<{letter.sender}>", *(f"RCPT TO:<{to}>" for to in letter.recipients), "DATA"]
    for line in lines:
        said = client.ask(line)
        if said[:1] not in ("2", "3"):
            return meaning(said)
    client.send(letter.wire + b".\r\n")
    return meaning(client.reply())


def meaning(reply):
    return {"2": 0, "4": 75, "": GAVE_UP}.get(reply[:1], 100)


# ---- DKIM

def key_folder(stage):
    """With a key in it for the letters' domain."""
    folder = stage.box.folder / "dkim"
    if not folder.exists():
        folder.mkdir()
        os.chown(folder, stage.waypost.uid, stage.waypost.uid)
        done = stage.waypost.run(["waypost-dkimsign", "keygen", "home.test", SELECTOR, "--type", "ed25519", "--keys", folder])
        assert done.returncode == 0, done.stderr
    return folder


def signed(stage, _program, letter, traced):
    """The filter; what it says that it signed goes into the queue."""
    words = ["-s", SELECTOR, "--keys", key_folder(stage), "--whole"]
    done = run(stage, traced([BUILD / "waypost-dkimsign", *words]), input=letter.wire, stdout=subprocess.PIPE)
    if done.returncode != 0:
        return done.returncode
    whole = done.stdout.startswith(b"DKIM-Signature:") and done.stdout.endswith(letter.wire)
    letter.wire = done.stdout
    return stage.by_queue(letter) if whole else FALSE_SUCCESS
