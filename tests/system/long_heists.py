"""A stranger in the place of each program of the running tree tries for what is really there: the queue, the key, the sealed
password, another program's memory and life. Whose work it is may open it; all others get EPERM or EACCES."""

import os
import signal
import subprocess
from pathlib import Path

from confined import FREE, LATER, SOURCE, TABLES, Scene, all_at_work
from installed import Installed
from scenery import Scenery
from testing import PATIENCE, Skip, time_limit

TOOL = SOURCE / "build/confinement/heists"
CREDENTIALS, SPOOL = Path("/etc/waypost/credentials"), Path("/var/spool/waypost")
DENIED = ("EPERM", "EACCES")
# Root, which starts the others; and what runs the users' own programs, with hardly any of root's rights: test_confinement.py.
NOT_HERE = ("waypost-start", "waypost-token", *FREE)
# What is somebody's work.
READS = {"waypost-qmgr": "the queue", "waypost-sasl": "the key"}


def treasures():
    """Path to what it is."""
    (key,) = CREDENTIALS.glob("key-*")
    found = {key: "the key", CREDENTIALS / "secret.sealed": "the key"}
    messages = [path for top in ("cur", "new") for path in (SPOOL / top).rglob("*") if path.is_file()]
    assert messages, "a message must wait"
    found[messages[0]] = "the queue"
    return found


def tried(pid, sibling, paths):
    done = subprocess.run([TOOL, str(pid), str(sibling), *paths], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, timeout=60 * PATIENCE)
    assert done.returncode == 0, done.stderr
    return dict(line.split("\t") for line in done.stdout.splitlines())


@time_limit(120)
def test_nobody_gets_at_the_queue_the_key_or_a_sibling(box):
    system = Installed(box, settings=LATER, tables=TABLES)
    system.must("root", ["/usr/local/bin/waypost", "credential", "add", "secret"], b"pencil\n")
    scene = Scene(box)
    found = all_at_work(system, Scenery(box))
    if not TOOL.exists():
        raise Skip(f"{TOOL} was not built")
    paths = treasures()
    wrong, acts = [], 0
    for name, pid in found.items():
        if name in NOT_HERE:
            continue
        sibling = found["waypost-smtp" if name != "waypost-smtp" else "waypost-direct"]
        for act, answer in tried(pid, sibling, paths).items():
            acts += 1
            what = next((what for path, what in paths.items() if act.endswith(str(path))), None)
            own = what is not None and READS.get(name) == what
            own = own or (name == "waypost-qmgr" and act == "talk to the manager as a command does")
            if not own and answer not in DENIED:
                wrong.append(f"{name} can {act}: {answer}")
    print(f"note: {acts} acts in {len(found) - len(NOT_HERE)} programs")
    # The same acts by an ordinary process of root's are all possible: they are real.
    actor = scene.bystander("root")
    control = tried(actor, scene.bystander("root"), paths)
    os.kill(actor, signal.SIGKILL)  # it traces the other one
    wrong += [f"the control cannot {act}: {answer}" for act, answer in control.items() if answer != "done"]
    assert not wrong, "\n".join(wrong)
