"""Starting a command many times (bench/tools/load.cc), and the message that is sent."""

import random
import subprocess
from collections import namedtuple

Load = namedtuple("Load", "begin_ns end_ns own_cpu_ms")

MESSAGE_SIZE = 4096


def message_text():
    """4 KiB with a header as programs write it and a body that does not compress away."""
    letters = random.Random(4)
    text = "From: bench@example.org\nTo: someone@hop0.example\nSubject: bench\n\n"
    while len(text) < MESSAGE_SIZE:
        text += "".join(letters.choices("abcdefghijklmnopqrstuvwxyz ", k=70)) + "\n"
    return text[:MESSAGE_SIZE - 1] + "\n"


def run_load(system, count, parallel, hops=1, recipient="someone@hop%.example"):
    """sendmail of `system`, count times, parallel at a time, charged to the system's control group."""
    command = system.inside + [system.load_program, str(count), str(parallel), str(hops), system.message_file,
                               *system.sendmail, recipient]
    done = subprocess.run(command, env=system.environment, stdout=subprocess.PIPE, preexec_fn=system.group.join)
    if done.returncode != 0:
        raise RuntimeError(f"{system.name}: load ended with {done.returncode}")
    begin, end, own_us, failed = map(int, done.stdout.split())
    if failed:
        raise RuntimeError(f"{system.name}: {failed} of {count} sendmail commands failed")
    return Load(begin, end, own_us / 1000)
