"""waypost-submit as a person has it: a home with ~/.config/waypost/submit.toml, and what was saved below ~/.local/state."""

import os
import subprocess

from sandbox import ORDINARY_UID
from testing import PATIENCE
from waypost import BUILD, mount_build

PASSWORD = "canary-submit-31b7"


class Submitter:
    """config: lines of submit.toml. `password`: what the password_command prints."""

    def __init__(self, box, config="", name="user"):
        mount_build()
        self.box = box
        self.home = box.path(name, owner=ORDINARY_UID)
        for part in (".config", ".config/waypost"):
            box.path(f"{name}/{part}", owner=ORDINARY_UID)
        self.password = self.home / "password"
        self.password.write_text(PASSWORD + "\n")
        self.password.chmod(0o600)
        os.chown(self.password, ORDINARY_UID, ORDINARY_UID)
        self.configure(config)

    def configure(self, config):
        head = 'hostname = "out.home.test"\nresolver = "10.77.0.2"\n'
        (self.home / ".config/waypost/submit.toml").write_text(head + config)

    def process(self, *arguments, name="sendmail", **popen):
        environment = self.box.environment(HOME=str(self.home), USER="user", XDG_CONFIG_HOME="", XDG_STATE_HOME="")
        return subprocess.Popen([name, *map(str, arguments)], executable=BUILD / "waypost-submit", stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, cwd=self.home,
                                user=ORDINARY_UID, group=ORDINARY_UID, extra_groups=[], **popen)

    def run(self, message, *arguments, **options):
        """The completed process, its output as text."""
        child = self.process(*arguments, **options)
        out, err = child.communicate(message, 90 * PATIENCE)
        return subprocess.CompletedProcess(child.args, child.returncode, out.decode(), err.decode())

    def saved(self):
        folder = self.home / ".local/state/waypost"
        return sorted(folder.glob("*.eml")) if folder.exists() else []

    def recipients_of(self, path):
        lines = path.read_bytes().split(b"X-Waypost-Message: follows\r\n")[0].decode().splitlines()
        return [line.partition(": ")[2] for line in lines if line.startswith("X-Waypost-Recipient: ")]


def submission(authority, *lines, host="relay.test", port=587):
    """Keys of submit.toml for a login at a server of a test's authority."""
    return (f'host = "{host}"\nport = {port}\nca = "{authority.certificate}"\nuser = "user"\n'
            'password_command = ["cat", "password"]\n' + "\n".join(lines) + "\n")
