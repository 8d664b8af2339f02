"""A SOCKS5 proxy, microsocks out of the private Debian root of the peers, charged to nobody who is measured."""

import socket
import subprocess

from machine import wait_until

PORT = 1080


class Proxy:
    ADDRESS = f"127.0.0.1:{PORT}"

    def __init__(self, root, group):
        if root is None:
            raise RuntimeError("no Debian root with microsocks: --peers ROOT")
        self._process = subprocess.Popen(["chroot", root, "/usr/bin/microsocks", "-i", "127.0.0.1", "-p", str(PORT)],
                                         stderr=subprocess.DEVNULL, preexec_fn=group.join)

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
        self._process.kill()
        self._process.wait()
