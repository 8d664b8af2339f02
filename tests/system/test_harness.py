"""The harness itself: it must notice what it is there to notice."""

import os
import pwd
import subprocess
from pathlib import Path

from bodies import below_received
from installed import cover
from ledger import Ledger
from sandbox import ORDINARY_UID, wait_until
from waypost import log_fields, new_message


def must_fail(action, text):
    try:
        action()
    except AssertionError as failure:
        assert text in str(failure), failure
        return
    raise AssertionError(f"no failure that says {text!r}")


def test_ledger_notices_what_is_lost_and_what_came_twice(box):
    ledger = Ledger()
    (first, one), (second, two), (third, three) = new_message(), new_message(), new_message()
    ledger.accepted.update((first, second))
    ledger.unsure.add(third)
    ledger.check([one, two])
    ledger.check([one, two, three])
    must_fail(lambda: ledger.check([one]), "lost 1 of 2")
    must_fail(lambda: ledger.check([one, two, two]), "1 came twice")
    ledger.check([one, two, two], duplicates_allowed=1)
    assert ledger.balance([one, three, three]) == ([second], [third])


def test_sanitizer_reports_are_noticed_in_files_and_in_logs(box):
    assert box.sanitizer_reports() == ""
    process = box.start(["/bin/sh", "-c", "echo x.cc:3:4: runtime error: shift exponent 40 is too large >&2"], "broken.log")
    process.wait()
    assert "broken.log" in box.sanitizer_reports()
    (box.folder / "broken.log").write_text("")
    report = box.reports / "report.1"
    subprocess.run(["/bin/sh", "-c", f"echo overflow > {report}"], check=True, user=ORDINARY_UID, group=ORDINARY_UID)
    assert "overflow" in box.sanitizer_reports()
    killed = "==83==Unable to get registers from thread 55.\n"
    report.write_text(killed)
    assert box.sanitizer_reports() == ""
    report.write_text(killed + "==83==ERROR: LeakSanitizer: detected memory leaks\n")
    assert "leaks" in box.sanitizer_reports()
    report.unlink()


def test_waiting_in_vain_fails(box):
    must_fail(lambda: wait_until(lambda: False, 0.1, "nothing"), "in vain for nothing")


def test_sandbox_sees_only_its_own_processes_and_its_own_loopback(box):
    processes = [name for name in os.listdir("/proc") if name.isdigit()]
    assert len(processes) <= 3, processes
    links = subprocess.run(["ip", "-br", "link"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert [line.split()[0] for line in links.splitlines()] == ["lo"]
    assert not list(Path("/run").iterdir())


def test_users_added_in_a_sandbox_exist_only_there(box):
    for folder in ("/etc", "/usr/local"):
        cover(box, folder)
    subprocess.run(["groupadd", "--system", "waypostonly"], check=True)
    subprocess.run(["useradd", "--system", "--gid", "waypostonly", "--no-create-home", "waypostonly"], check=True)
    Path("/usr/local/sbin/hello").write_text("hello")
    assert pwd.getpwnam("waypostonly").pw_uid > 0
    changed = {path.name for path in (box.folder / "over-etc/upper").iterdir()}
    assert {"passwd", "group"} <= changed and (box.folder / "over-usr-local/upper/sbin/hello").exists()


def test_received_field_is_taken_off_whole(box):
    assert below_received(b"Received: by x;\r\n\tmore\r\n more\r\nSubject: y\r\n\r\n") == b"Subject: y\r\n\r\n"
    must_fail(lambda: below_received(b"Subject: y\r\n"), "no Received field")


def test_log_lines_are_read_with_their_quotes(box):
    line = 'level=info program=x event=deferred id=0abc reply="450 say \\"a=b\\" later" ms=17'
    assert log_fields(line)["reply"] == '450 say "a=b" later' and log_fields(line)["ms"] == "17"
