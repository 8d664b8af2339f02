"""waypost-accept, and time: a caller who says nothing, and none at all."""

import time

from installed import Installed
from sandbox import wait_until
from scenery import Scenery
from sink import Sink
from test_handover import Caller, frame, processes, send_bound, status_of
from testing import time_limit
from waypost import new_message

PATIENCE = 300


@time_limit(400)
def test_caller_who_stalls_loses_the_place_after_five_minutes(box):
    Scenery(box)
    system = Installed(box).start()
    silent = Caller(box, "alice").hears_go()
    stalled = Caller(box, "alice").hears_go().says(frame(b"MSubject: x"))
    began = time.monotonic()
    time.sleep(PATIENCE / 2)
    stalled.says(frame(b"Mmore"))  # progress: another five minutes
    silent.socket.settimeout(PATIENCE)
    assert status_of(silent.hears()) == 52
    assert time.monotonic() - began > PATIENCE - 1
    stalled.socket.setblocking(False)
    try:
        early = stalled.socket.recv(1)
    except BlockingIOError:
        early = None
    assert early is None, "it was heard of in between"
    assert system.list() == []


def test_waypost_accept_leaves_when_nobody_comes_and_is_there_again(box):
    sink = Sink(Scenery(box).host("mx1").listen(25))
    system = Installed(box).start()
    for count in (1, 2):
        assert send_bound(system, "alice", new_message()[1], "bob@example.test").returncode == 0
        sink.wait_for(count)
        wait_until(lambda: not processes(), 30, "waypost-accept to leave")
    assert "level=error" not in system.log_file.read_text()
