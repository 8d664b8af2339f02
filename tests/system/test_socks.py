"""Transports of type socks through real proxies, and waypost-socks: from which address the mail came says the server."""

import os
import subprocess

from peers import Postfix
from proxies import Dante, Microsocks
from sandbox import wait_until
from scenery import Scenery
from sink import HANG_UP, Sink
from testing import PATIENCE
from logins import add_credential
from waypost import BUILD, Waypost, mount_build, new_message

LATER = 'retry = ["1h", "1h", "1h", "1h"]\n'
LOGIN = ("alice", "a secret")
US, PROXY = "10.77.0.1", "10.77.0.40"

SOCKS = f"""
[transport.otherip]
type = "socks"
proxy = "{PROXY}:1080"
helo = "out2.home.test"
remote_ips = ["{PROXY}"]
"""
ALL = '[[route]]\ntransport = "otherip"\n'
WHEN_BLOCKED = '[[route]]\nafter = ["blocked"]\ntransport = "otherip"\n'


def scene(box, proxy=Microsocks, start=True, **settings):
    """(scenery, proxy): the proxy on a host of its own."""
    scenery = Scenery(box)
    made = proxy(box, scenery.network.host("proxy", 40), **settings)
    return scenery, made.start() if start else made


def replies(waypost, *filters):
    """What was last said of the one recipient of each message; empty where nothing was."""
    return [row["recipients"][0]["reply"] or "" for row in waypost.list(*filters)]


def delivered_by(box, proxy):
    scenery, _ = scene(box, proxy)
    postfix = Postfix(box, scenery.host("mx1"))
    waypost = Waypost(box, tables=SOCKS + ALL).start()
    waypost.send(new_message()[1], "bob@example.test")
    (stored,) = postfix.wait_for(1)
    assert b"from out2.home.test (unknown [10.77.0.40])" in stored, stored
    assert f"[{US}]" not in postfix.wait_for_log(f"disconnect from unknown[{PROXY}]")
    waypost.wait_for_empty_queue()


def test_by_microsocks_the_servers_log_shows_the_proxys_address(box):
    delivered_by(box, Microsocks)


def test_by_dante_the_servers_log_shows_the_proxys_address(box):
    delivered_by(box, Dante)


def held_for_a_login(box, proxy):
    """Without a login nobody is served: own trouble, told once, and nothing bounces."""
    scenery, _ = scene(box, proxy, login=LOGIN)
    sink = Sink(scenery.host("mx1").listen(25))
    waypost = Waypost(box, tables=SOCKS + ALL).start()
    waypost.send(new_message()[1], "bob@example.test")
    recipient = waypost.wait_for_attempts(2)["recipients"][0]
    assert recipient["state"] == "pending" and recipient["class"] == "auth", recipient
    assert "the proxy wants a login" in recipient["reply"], recipient
    (held,) = waypost.events(event="transport_held")
    assert held["transport"] == "otherip" and "credential" in held["act"]
    assert not sink.sessions


def test_microsocks_that_wants_a_login_holds_the_transport(box):
    held_for_a_login(box, Microsocks)


def test_dante_that_wants_a_login_holds_the_transport(box):
    held_for_a_login(box, Dante)


def logged_in_to(box, proxy):
    """A wrong password holds the transport and bounces nothing; the right one carries the mail."""
    scenery, _ = scene(box, proxy, login=LOGIN)
    sink, home = Sink(scenery.host("mx1").listen(25)), Sink(scenery.host("home").listen(25))
    login = f'user = "{LOGIN[0]}"\ncredential = "proxy"\n'
    waypost = Waypost(box, settings=f"retry = {['1s'] * 5 + ['5s'] * 20}\n", tables=SOCKS + login + ALL)
    add_credential(waypost, "wrong", "proxy")
    waypost.start()
    waypost.send(new_message()[1], "bob@example.test")
    recipient = waypost.wait_for_attempts(2)["recipients"][0]
    assert recipient["state"] == "pending" and recipient["class"] == "auth", recipient
    assert "the proxy refused user and password" in recipient["reply"], recipient
    add_credential(waypost, LOGIN[1], "proxy")
    sink.wait_for(1, 40)
    waypost.wait_for_empty_queue()
    assert {session.peer for session in sink.sessions} == {PROXY} and not home.sessions
    assert LOGIN[1] not in waypost.log() and "wrong" not in waypost.log()


def test_microsocks_lets_in_who_logs_in(box):
    logged_in_to(box, Microsocks)


def test_dante_lets_in_who_logs_in(box):
    logged_in_to(box, Dante)


def test_the_proxy_looks_up_mail_exchangers(box):
    scenery, _ = scene(box, resolver="10.77.0.2")
    sink = Sink(scenery.host("mx1").listen(25))
    waypost = Waypost(box, tables=SOCKS + 'resolve = "proxy"\n' + ALL).start()
    waypost.send(new_message()[1], "bob@example.test")
    sink.wait_for(1)
    assert sink.sessions[0].peer == PROXY


def blocks_us(session, verb, line):
    """As Outlook's servers do: 550 to MAIL, and the connection is closed. Others are greylisted once."""
    if session.peer == US:
        refused = "550 5.7.511 Access denied, banned sender[10.77.0.1]. To request removal from this list see https://x.test/"
        return {"MAIL": refused, "RCPT": HANG_UP}.get(verb)
    return "451 4.7.1 Greylisted, come back" if verb == "RCPT" and session.number == 2 else None


def test_blocked_direct_mail_leaves_by_the_proxy_at_once(box):
    scenery, _ = scene(box)
    sink, home = Sink(scenery.host("mx1").listen(25), blocks_us), Sink(scenery.host("home").listen(25))
    waypost = Waypost(box, settings=LATER, tables=SOCKS + WHEN_BLOCKED).start()
    waypost.send(new_message()[1], "bob@example.test")
    its_id = waypost.wait_for_attempts(2)["id"]
    text, at = waypost.command("why", its_id), 0
    for told in ("attempt 1 by direct (no rule matched)", "refused for good here, moved to another transport, blocked",
                 "550 5.7.511 Access denied", "attempt 2 by otherip (waypost.toml:", "deferred, greylisted",
                 "451 4.7.1 Greylisted", "attempt 3 at ", "by otherip (waypost.toml:"):
        at = text.find(told, at)
        assert at >= 0, f"{told!r} is missing, or out of order, in\n{text}"
    waypost.command("kick", its_id)
    sink.wait_for(1)
    waypost.wait_for_empty_queue()
    assert [session.peer for session in sink.sessions] == [US, PROXY, PROXY], "no way back to direct"
    assert not home.sessions, "nothing bounced"


def test_a_proxy_that_is_down_disturbs_nobody_else(box):
    scenery, proxy = scene(box, start=False)
    by_proxy, direct = Sink(scenery.host("mx1").listen(25)), Sink(scenery.host("mx2").listen(25))
    home = Sink(scenery.host("home").listen(25))
    routed = '[[route]]\nto = ["example.test", "plain.test"]\ntransport = "otherip"\n'
    waypost = Waypost(box, settings=f"retry = {['1s'] * 5 + ['5s'] * 20}\n", tables=SOCKS + routed).start()
    waypost.send(new_message()[1], "bob@example.test")
    its_id = waypost.wait_for_attempts(2)["id"]
    cannot = "the proxy cannot be reached: connect: Connection refused (proxy 10.77.0.40:1080)"
    recipient = waypost.list()[0]["recipients"][0]
    assert recipient["class"] == "unreachable" and cannot in recipient["reply"], recipient
    story = waypost.command("why", its_id)
    assert cannot in story and "Who must act? The administrator of this host" in story, story
    waypost.send(new_message()[1], "bob@two.test")
    direct.wait_for(1)
    waypost.send(new_message()[1], "bob@plain.test")
    wait_until(lambda: all(replies(waypost)), 15, "an attempt for plain.test")
    assert len(waypost.events(event="transport_held")) == 1, "it is told once"
    proxy.start()
    by_proxy.wait_for(2, 40)
    waypost.wait_for_empty_queue()
    assert {session.peer for session in by_proxy.sessions} == {PROXY} and not home.sessions


def test_ten_destinations_in_a_row_that_it_does_not_reach_hold_the_transport(box):
    scenery = Scenery(box, "*.refused.test. IN MX 10 mx1.example.test.\n")
    Microsocks(box, scenery.network.host("proxy", 40)).start()
    scenery.host("mx1")  # where nobody listens
    sink = Sink(scenery.host("mx2").listen(25))
    waypost = Waypost(box, settings=LATER, tables=SOCKS + ALL).start()
    for number in range(1, 10):
        waypost.send(new_message()[1], f"bob@d{number}.refused.test")
    wait_until(lambda: sum("0x05" in reply for reply in replies(waypost)) == 9, 20, "nine refusals")
    assert not waypost.events(event="transport_held"), "nine are the destinations' fault"
    waypost.send(new_message()[1], "bob@d10.refused.test")
    waypost.wait_for_log("event=transport_held")
    waypost.send(new_message()[1], "bob@two.test")
    (reply,) = wait_until(lambda: [one for one in replies(waypost, "--to", "bob@two.test") if one], 15, "an answer for two.test")
    assert reply.startswith("not tried: the proxy has reached none of 10 destinations in a row"), reply
    assert not sink.sessions


def test_the_proxys_own_loopback_is_a_loop(box):
    scenery, _ = scene(box)
    home = Sink(scenery.host("home").listen(25))
    waypost = Waypost(box, tables=SOCKS + '[[route]]\nto = ["loop.test"]\ntransport = "otherip"\n').start()
    waypost.send(new_message()[1], "bob@loop.test")
    assert b"Status: 5.4.6" in home.wait_for(1)[0].data


# ---- waypost-socks

SHOW = "read -r line <&6; echo \"$line\"; printf 'QUIT\\r\\n' >&7; env | grep -E '^(PROTO|TCP|SOCKS_)' | sort"


def run_socks(box, *arguments, pass_fds=(), **environment):
    mount_build()
    return subprocess.run([BUILD / "waypost-socks", "-T", "60", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, env=box.environment(**environment), pass_fds=pass_fds, timeout=60 * PATIENCE, check=False)


def runs_any_program(box, proxy, local):
    """local(host, six): which TCPLOCALIP the program is to see."""
    scenery, made = scene(box, proxy, login=LOGIN, resolver="10.77.0.2")
    mx1 = scenery.host("mx1")
    sinks = {six: Sink(mx1.listen(25, mx1.ipv6 if six else mx1.ipv4)) for six in (True, False)}
    for destination in (mx1.ipv4, mx1.ipv6, "MX1.example.test"):
        done = run_socks(box, made.address, destination, "25", "sh", "-c", SHOW, SOCKS_USER=LOGIN[0],
                         SOCKS_PASSWORD=LOGIN[1], TCPREMOTEINFO="of another", TCPLOCALHOST="of another")
        assert done.returncode == 0, done.stderr
        banner, *variables = done.stdout.splitlines()
        assert banner == "220 sink.test ESMTP"
        got, six = dict(one.split("=", 1) for one in variables), ":" in destination
        assert sinks[six].sessions[-1].peer == (made.host.ipv6 if six else made.host.ipv4)
        assert int(got.pop("TCPLOCALPORT")) > 0
        assert got == {"PROTO": "TCP", "TCPREMOTEPORT": "25", "TCPLOCALIP": local(made.host, six),
                       "TCPREMOTEHOST" if destination.startswith("MX1") else "TCPREMOTEIP": destination.lower()}, got


def test_waypost_socks_runs_a_program_by_microsocks(box):
    runs_any_program(box, Microsocks, lambda host, six: US)


def test_waypost_socks_runs_a_program_by_dante(box):
    runs_any_program(box, Dante, lambda host, six: host.ipv6 if six else host.ipv4)


def test_waypost_socks_says_whose_fault_it_is(box):
    scenery, proxy = scene(box, login=LOGIN)
    host = scenery.host("mx1").ipv4
    Sink(scenery.host("mx1").listen(2525))
    right = {"SOCKS_USER": LOGIN[0], "SOCKS_PASSWORD": LOGIN[1]}
    rows = [
        (100, "the proxy wants a login", {}, [proxy.address, host, "2525", "true"]),
        (100, "the proxy refused user and password", {**right, "SOCKS_PASSWORD": "wrong"}, [proxy.address, host, "2525", "true"]),
        (111, "the proxy says 0x05: connection refused", right, [proxy.address, host, "25", "true"]),
        (111, "the proxy cannot be reached", right, [f"{PROXY}:1", host, "2525", "true"]),
        (111, "running no-such-program", right, [proxy.address, host, "2525", "no-such-program"]),
        (100, "usage: ", right, [proxy.address, host]),
    ]
    for status, says, environment, arguments in rows:
        done = run_socks(box, *arguments, **environment)
        assert done.returncode == status and says in done.stderr, f"{says}: {done.returncode}: {done.stderr}"
        assert LOGIN[1] not in done.stderr, done.stderr


def test_waypost_socks_reads_a_login_from_a_descriptor(box):
    scenery, proxy = scene(box, login=LOGIN)
    Sink(scenery.host("mx1").listen(25))
    read_end, write_end = os.pipe()
    os.write(write_end, "\n".join(LOGIN).encode())
    os.close(write_end)
    done = run_socks(box, "-l", str(read_end), proxy.address, scenery.host("mx1").ipv4, "25", "sh", "-c",
                     f"{SHOW}; test -e /proc/self/fd/{read_end} && echo left open", pass_fds=[read_end])
    os.close(read_end)
    assert done.stdout.startswith("220 sink.test ESMTP\n") and "left open" not in done.stdout, done


def test_waypost_socks_waits_for_no_login_without_end(box):
    scenery, proxy = scene(box)
    read_end, write_end = os.pipe()
    done = run_socks(box, "-T", "1", "-l", str(read_end), proxy.address, scenery.host("mx1").ipv4, "25", "true", pass_fds=[read_end])
    os.close(read_end)
    os.close(write_end)
    assert done.returncode == 111 and "timed out" in done.stderr, done
