"""A Debian machine that is really up: systemd is the first process of a process namespace and starts Postfix, cron and the
rest, as on any server. It shares the network of the test, sees the kernel's settings read-only, and has devices, control
groups and a host name of its own, so that nothing of it reaches the machine that runs the test."""

import os
import subprocess
from pathlib import Path

from debian import Debian
from sandbox import wait_until

# $1 is the machine's root. The control group is entered before: it is the root of what systemd sees.
BOOT = """set -e
root=$1
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"; mount -o remount,bind,ro "$root/proc/sys"
mount --bind /sys "$root/sys"; mount -o remount,bind,ro "$root/sys"
mount -t cgroup2 none "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 none "$root/dev"
for node in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "$root/dev/${node%:*}" c 1 "${node#*:}"; done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 none "$root/dev/pts"; ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs -o mode=1777 none "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
exec chroot "$root" /usr/bin/env -i container=waypost-test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd
"""

# What a machine without a console, a kernel and a disk of its own has no use for.
MASKED = ("console-getty.service", "getty.target", "getty-static.service", "getty@tty1.service", "systemd-sysctl.service",
          "systemd-modules-load.service", "systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "fail2ban.service",
          "systemd-remount-fs.service", "dev-hugepages.mount", "sys-fs-fuse-connections.mount", "sys-kernel-debug.mount",
          "sys-kernel-tracing.mount", "tmp.mount", "inetd.service", "apt-daily.timer", "apt-daily-upgrade.timer",
          "mdmonitor.service", "runit.service", "man-db.timer", "e2scrub_reap.service")


class ControlGroup:
    """A version 2 control group for one machine; gone with it."""

    def __init__(self):
        mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        top = next(fields[4] for fields in mounts if fields[fields.index("-") + 1] == "cgroup2")
        own = next(line for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::"))
        self.folder = Path(top + own[3:]) / f"waypost-booted-{os.getpid()}-{os.urandom(4).hex()}"
        self.folder.mkdir()

    def join(self):
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        for folder, _, _ in os.walk(self.folder, topdown=False):
            wait_until(lambda f=folder: "populated 0" in Path(f, "cgroup.events").read_text(), 20, "the control group to empty")
            os.rmdir(folder)


class Booted(Debian):
    """boot() and shut_down() as often as one likes: the disk stays."""

    def __init__(self, box):
        self.init = None
        super().__init__(box)
        for unit in MASKED:
            self._link(f"etc/systemd/system/{unit}", "/dev/null")
        self._link("sbin/init", "/lib/systemd/systemd")  # by which maintainer scripts know what starts services here
        box.at_end(self.shut_down)

    def _link(self, name, target):
        path = self.root / name
        path.unlink(missing_ok=True)
        path.symlink_to(target)

    def command(self, argv, user="root"):
        words = super().command(argv, user)
        if self.init is None:
            return words
        return ["nsenter", f"--target={self.init}", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--", *words]

    def boot(self):
        self.group = ControlGroup()
        self.process = self.box.start(
            ["unshare", "--mount", "--propagation=private", "--pid", "--fork", "--kill-child", "--uts", "--ipc", "--cgroup",
             "--", "sh", "-c", BOOT, "sh", str(self.root)], "boot.log", preexec_fn=self.group.join)
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.init = int(wait_until(lambda: children.read_text().split(), 10, "the first process")[0])
        wait_until(lambda: self.state() in ("running", "degraded"), 90, lambda: f"the machine to be up: {self.state()}")
        return self

    def state(self):
        return self.try_to(["systemctl", "is-system-running"]).stdout.strip()

    def shut_down(self):
        """As by the power button, but for what a service is given to end in time."""
        if self.init is None:
            return
        self.try_to(["systemctl", "--no-block", "halt"])
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.init = None
        self.group.remove()

    def journal(self, unit):
        return self.run(["journalctl", "--no-pager", "--output=cat", f"--unit={unit}"])

    def add_unit(self, name, **sections):
        """name.service; each section a dict of its keys."""
        text = "".join(f"[{section}]\n" + "".join(f"{key}={value}\n" for key, value in keys.items())
                       for section, keys in sections.items())
        self.write(f"etc/systemd/system/{name}.service", text)
        self.run(["systemctl", "daemon-reload"])
