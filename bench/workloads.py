"""The workloads. Each takes a system (postfix.py, waypost.py, skeleton.py) and returns {metric: number}.

A metric named cpu_ms is CPU milliseconds for one message, of all processes of the system together, those that have
ended included; the sink, the logger and the program that starts the sendmail commands are not in it.
"""

import signal
import statistics
import subprocess
import time
from collections import namedtuple

from load import run_load
from machine import ControlGroup, wait_until
from proxy import Proxy
from receiver import Receiver

ACCEPTED = 800      # messages, W1
ACCEPTED_WIDE = 1600  # W1p, W4
DRAINED = 5000      # W2, W3, W6 and its kin
SLOW = 2000         # W5
BACKLOG, GREAT_BACKLOG = 100_000, 1_000_000  # W7, W7M
LATENCY_SAMPLES = 30
IDLE_BEFORE, IDLE_MEASURED = 60, 30  # seconds, W8
PATIENCE = 240      # seconds, for anything


# How to log in, and who vouches for the host.
Login = namedtuple("Login", "host user password authority")


class Bench:
    """What the workloads share: where the programs are, the disk, the sink's group and its certificate."""

    def __init__(self, programs, stage, disk, peers):
        self.programs, self.stage, self.disk, self.peers = programs, stage, disk, peers
        self.sink_group = ControlGroup("sink")
        self.certificate = None

    def receiver(self, delay_ms=0, tls=False, port=Receiver.PORT):
        return Receiver(self.programs, self.stage, self.sink_group, delay_ms, self.certificate if tls else None, port)


# ---- W1, W1p: accept only -----------------------------------------------------------------------

def accept(bench, system, count, parallel, daemons=True):
    system.empty()
    system.configure(Receiver.PORT)
    if daemons:
        system.start(deliver=False)
        time.sleep(0.5)
    cpu, flushes = system.group.cpu_ms(), bench.disk.flushes()
    load = run_load(system, count, parallel)
    if daemons:
        system.accepted(count)
    figures = {"cpu_ms": (system.group.cpu_ms() - cpu - load.own_cpu_ms) / count,
               "rate": count / seconds(load.begin_ns, load.end_ns)}
    if flushes is not None:
        figures["flushes"] = (bench.disk.flushes() - flushes) / count
    system.stop()
    return figures


def w1(bench, system):
    return accept(bench, system, ACCEPTED, 1)


def w1p(bench, system):
    return accept(bench, system, ACCEPTED_WIDE, 8)


def w1b(bench, system):
    """Nothing of either system runs: Postfix's message waits in maildrop, waypost's in new."""
    return accept(bench, system, ACCEPTED, 1, daemons=False)


def handed_over(bench, system, count, parallel):
    """What W1 does where set-group-id bits have no effect: sendmail, waypost-queue, waypost-accept."""
    system.empty()
    system.configure(Receiver.PORT)
    with system.handed_over():
        cpu, flushes = system.group.cpu_ms(), bench.disk.flushes()
        load = run_load(system, count, parallel)
        system.accepted(count)
        used, flushed = system.group.cpu_ms() - cpu - load.own_cpu_ms, bench.disk.flushes() - flushes
        pss, _ = system.group.pss_kb()
    system.stop()
    return {"cpu_ms": used / count, "rate": count / seconds(load.begin_ns, load.end_ns), "flushes": flushed / count,
            "pss_kb": pss}


def w1a(bench, system):
    return handed_over(bench, system, ACCEPTED, 1)


def w1ap(bench, system):
    return handed_over(bench, system, ACCEPTED_WIDE, 8)


# ---- W2, W3, W5, W6: drain ----------------------------------------------------------------------

def drain(bench, system, count, hops=1, delay_ms=0, tls=False, reuse=True, login=None):
    system.empty()
    system.configure(Receiver.PORT, hops, tls, reuse, login)
    system.fill(count, hops)
    return empty_the_queue(bench, system, count, bench.receiver(delay_ms, tls), tls)


def empty_the_queue(bench, system, count, receiver, tls=False):
    """The queue is full before the system starts; CPU time is counted from its start until the queue is empty."""
    try:
        cpu, flushes, begin = system.group.cpu_ms(), bench.disk.flushes(), time.monotonic_ns()
        system.start()
        receiver.wait_for(count // 2, PATIENCE)
        pss, processes = system.group.pss_kb()
        receiver.wait_for(count, PATIENCE)
        wait_until(lambda: system.queued() == 0, PATIENCE, "an empty queue")
        used, flushed, ledger = system.group.cpu_ms() - cpu, bench.disk.flushes(), receiver.ledger()
    finally:
        system.stop()
        receiver.close()
    figures = {"cpu_ms": used / count,
               "rate": (count - 1) / seconds(ledger.first_ns, ledger.last_ns),
               "whole_s": seconds(begin, ledger.last_ns),
               "pss_mb": pss / 1024, "processes": processes,
               "connections": ledger.connections, "duplicates": ledger.messages - count}
    if flushes is not None:
        figures["flushes"] = (flushed - flushes) / count
    if tls:
        figures["handshakes"] = ledger.handshakes
    return figures


def w2(bench, system):
    return drain(bench, system, DRAINED)


def w2n(bench, system):
    """Postfix opens a connection for each message, which loopback rewards; waypost runs as it always does."""
    return drain(bench, system, DRAINED, reuse=False)


def w3(bench, system):
    return drain(bench, system, DRAINED, hops=500)


def w5(bench, system):
    return drain(bench, system, SLOW, hops=200, delay_ms=200)


def w6(bench, system):
    return drain(bench, system, DRAINED, tls=True)


def w6a(bench, system):
    """By submission: verified TLS, and AUTH PLAIN on each connection. Connections are used again, or it would cost more."""
    login = Login("sink.bench", "user", "a password", bench.certificate[0])
    return drain(bench, system, DRAINED, tls=True, login=login)


def w6s(bench, system):
    """To one mail exchanger through a SOCKS5 proxy, whose CPU time is not charged."""
    system.empty()
    system.configure(Receiver.SMTP_PORT, proxy=Proxy.ADDRESS)
    system.fill(DRAINED, recipient="someone@[127.0.0.1]")
    with Proxy(bench.peers, bench.sink_group):
        return empty_the_queue(bench, system, DRAINED, bench.receiver(port=Receiver.SMTP_PORT))


# ---- W4 and latency: the whole way --------------------------------------------------------------

def w4(bench, system):
    with Running(bench, system) as receiver:
        cpu = system.group.cpu_ms()
        before = receiver.ledger().messages
        load = run_load(system, ACCEPTED_WIDE, 8)
        receiver.wait_for(before + ACCEPTED_WIDE, PATIENCE)
        wait_until(lambda: system.queued() == 0, PATIENCE, "an empty queue")
        used = system.group.cpu_ms() - cpu - load.own_cpu_ms
        return {"cpu_ms": used / ACCEPTED_WIDE,
                "rate": ACCEPTED_WIDE / seconds(load.begin_ns, receiver.ledger().last_ns),
                "duplicates": receiver.ledger().messages - before - ACCEPTED_WIDE}


def w4s(bench, system):
    """By SMTP, ten sessions at a time, a connection for each message."""
    with Running(bench, system) as receiver:
        port = system.take_smtp()
        source = ["chroot", bench.peers, "/usr/sbin/smtp-source", "-s", "10", "-m", str(ACCEPTED_WIDE), "-l", "4096",
                  "-f", "bench@example.org", "-t", "someone@hop0.example", f"inet:127.0.0.1:{port}"]
        before, cpu, begin_ns = receiver.ledger().messages, system.group.cpu_ms(), time.monotonic_ns()
        subprocess.run(source, check=True)
        receiver.wait_for(before + ACCEPTED_WIDE, PATIENCE)
        wait_until(lambda: system.queued() == 0, PATIENCE, "an empty queue")
        return {"cpu_ms": (system.group.cpu_ms() - cpu) / ACCEPTED_WIDE,
                "rate": ACCEPTED_WIDE / seconds(begin_ns, receiver.ledger().last_ns),
                "duplicates": receiver.ledger().messages - before - ACCEPTED_WIDE}


def latency(bench, system):
    with Running(bench, system) as receiver:
        times = fresh_messages(system, receiver, LATENCY_SAMPLES)
        return {"median_ms": statistics.median(times), "worst_ms": max(times)}


def fresh_messages(system, receiver, count):
    """From the start of sendmail to the last byte at the sink, one message at a time with a pause between."""
    times = []
    for _ in range(count):
        time.sleep(0.1)
        before = receiver.ledger().messages
        load = run_load(system, 1, 1)
        receiver.wait_for(before + 1, PATIENCE)
        times.append(seconds(load.begin_ns, receiver.ledger().last_ns) * 1000)
    return times


# ---- W7: a great backlog ------------------------------------------------------------------------

def w7(bench, system):
    return backlog(bench, system, BACKLOG, starts=3, pairs=5)


def w7m(bench, system):
    return backlog(bench, system, GREAT_BACKLOG, starts=1, pairs=3)


def backlog(bench, system, count, starts, pairs):
    """starts, pairs: how often the noisy ones are measured; the median counts."""
    system.empty()
    system.configure(Receiver.PORT)
    system.backlog(count)
    rows = [start_with_backlog(bench, system) for _ in range(starts)]
    figures = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    accepts = [accept_pair(bench, system) for _ in range(pairs)]
    figures["slower_percent"] = 100 * (1 - statistics.median(loaded["rate"] / free["rate"] for free, loaded in accepts))
    figures["dearer_percent"] = 100 * (statistics.median(loaded["cpu_ms"] / free["cpu_ms"] for free, loaded in accepts) - 1)
    if system.hold_all:
        figures["hold_fresh_ms"] = fresh_while_all_are_held(bench, system)
    system.empty()
    return figures


def accept_pair(bench, system):
    """Without and with the backlog, one right after the other: the machine's other work is the same for both."""
    with system.backlog_aside():
        free = accept_while_running(bench, system)
    return free, accept_while_running(bench, system)


def start_with_backlog(bench, system):
    """A fresh message was accepted before the start: how long until it is out, past all that is deferred."""
    run_load(system, 1, 1)
    receiver = bench.receiver()
    try:
        cpu, begin = system.group.cpu_ms(), time.monotonic_ns()
        system.start()
        started = time.monotonic_ns()
        receiver.wait_for(1, PATIENCE)
        first = receiver.ledger().last_ns
        time.sleep(5)
        figures = {"fresh_s": seconds(begin, first),
                   "start_cpu_ms": system.group.cpu_ms() - cpu, "pss_mb": system.group.pss_kb()[0] / 1024,
                   "list_s": time_to_list(system),
                   "fresh_ms": statistics.median(fresh_messages(system, receiver, 10))}
        if system.says_ready:
            figures["start_s"] = seconds(begin, started)
    finally:
        system.stop()
        receiver.close()
    return figures


def fresh_while_all_are_held(bench, system):
    """A command changes every message of the backlog; it is interrupted once enough was seen."""
    receiver = bench.receiver()
    try:
        system.start()
        run_load(system, 1, 1)
        receiver.wait_for(1, PATIENCE)
        with subprocess.Popen(system.hold_all, env=system.environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as command:
            figure = statistics.median(fresh_messages(system, receiver, 20))
            command.send_signal(signal.SIGINT)
        return figure
    finally:
        system.stop()
        receiver.close()


def time_to_list(system):
    """The whole queue, printed to nowhere."""
    begin = time.monotonic()
    subprocess.run([*system.inside, *system.list_command], env=system.environment, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - begin


def accept_while_running(bench, system):
    """Accept through sendmail, one at a time, while the system runs and delivers."""
    receiver = bench.receiver()
    try:
        system.start()
        run_load(system, 1, 1)
        receiver.wait_for(1, PATIENCE)
        time.sleep(2)
        cpu = system.group.cpu_ms()
        load = run_load(system, ACCEPTED // 2, 1)
        receiver.wait_for(1 + ACCEPTED // 2, PATIENCE)
        used = system.group.cpu_ms() - cpu - load.own_cpu_ms
    finally:
        system.stop()
        receiver.close()
    return {"rate": ACCEPTED / 2 / seconds(load.begin_ns, load.end_ns), "cpu_ms": used / (ACCEPTED / 2)}


# ---- W8: idle -----------------------------------------------------------------------------------

def w8(bench, system):
    """After a message has gone through and a minute has passed; then the first message after that silence."""
    with Running(bench, system) as receiver:
        time.sleep(IDLE_BEFORE)
        before, cpu = system.group.wakeups(), system.group.cpu_ms()
        time.sleep(IDLE_MEASURED)
        after, used = system.group.wakeups(), system.group.cpu_ms() - cpu
        pss, processes = system.group.pss_kb()
        print(f"\n{system.name}, idle:\n{system.group.describe()}", flush=True)
        woken = sum(count - before.get(pid, 0) for pid, count in after.items())
        return {"pss_mb": pss / 1024, "processes": processes, "wakeups": woken / IDLE_MEASURED,
                "cpu_ms_a_second": used / IDLE_MEASURED, "first_ms": fresh_messages(system, receiver, 1)[0]}


class Running:
    """A system that has just delivered one message, and its sink."""

    def __init__(self, bench, system):
        self._bench, self._system = bench, system

    def __enter__(self):
        self._system.empty()
        self._system.configure(Receiver.PORT)
        self._receiver = self._bench.receiver()
        self._system.start()
        run_load(self._system, 1, 1)
        self._receiver.wait_for(1, PATIENCE)
        return self._receiver

    def __exit__(self, *_):
        self._system.stop()
        self._receiver.close()


def seconds(begin_ns, end_ns):
    return (end_ns - begin_ns) / 1e9


# In the order in which they run. Every round runs each of REPEATED for each system in turn; ONCE takes long
# and repeats within itself what is noisy.
REPEATED = {"W1": w1, "W1p": w1p, "W1b": w1b, "W1a": w1a, "W1ap": w1ap, "W2": w2, "W2n": w2n, "W3": w3, "W4": w4, "W4s": w4s,
            "latency": latency, "W5": w5, "W6": w6, "W6a": w6a, "W6s": w6s}
ONCE = {"W7": w7, "W8": w8, "W7M": w7m}
ALONE = {"W1a", "W1ap", "W6s", "W7M"}  # waypost only: others have no such way, or would take an hour
ACCEPT_ONLY = {"W1", "W1p", "W1b"}  # what the skeleton can do
