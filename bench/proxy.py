"""A SOCKS5 proxy, Dante out of the private Debian root of the peers, charged to nobody who is measured.

Not microsocks: it passes on 1 KiB at a time under Nagle's algorithm, and each message waits 40 ms for a delayed
acknowledgement.
"""

import socket
import subprocess
import tempfile
from pathlib import Path

from machine import wait_until

PORT = 1080

CONF = f"""
logoutput: /dev/null
internal: 127.0.0.1 port = {PORT}
external: lo
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass {{ from: 0/0 to: 0/0 }}
socks pass {{ from: 0/0 to: 0/0 command: connect }}
"""


class Proxy:
    ADDRESS = f"127.0.0.1:{PORT}"

    def __init__(self, root, group):
        if root is None:
            raise RuntimeError("no Debian root with Dante: --peers ROOT")
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as conf:  # the root is shared, this mount is ours
            conf.write(CONF)
            conf.flush()
            self._conf = Path(root, "etc/danted.conf")
            subprocess.run(["mount", "--bind", conf.name, self._conf], check=True)
        self._process = subprocess.Popen(["chroot", root, "/usr/sbin/danted", "-f", "/etc/danted.conf"],
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=group.join)

    def __enter__(self):
        try:
            wait_until(self._answers, 10, "the proxy to listen")
        except TimeoutError:
            self.__exit__()
            raise
        return self

    def _answers(self):
        with socket.socket() as caller:
            return caller.connect_ex(("127.0.0.1", PORT)) == 0

    def __exit__(self, *_):
        self._process.terminate()  # and it ends its children
        self._process.wait()
        subprocess.run(["umount", self._conf], check=True)
