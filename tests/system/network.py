"""A small network for a test: a bridge in the test's own namespace, and hosts on it, a namespace each.

The test's namespace is the machine that sends: waypost runs there, at 10.77.0.1 and fd77::1. Every other host has
addresses of 10.77.0.0/24 and fd77::/64; nothing leads outside. Addresses are of the private ranges, so that waypost
connects to them as to any mail server, with no exception made for tests.
"""

import ctypes
import os
import socket
import subprocess
import threading

SENDER_IPV4 = "10.77.0.1"
SENDER_IPV6 = "fd77::1"

CLONE_NEWNET = 0x40000000


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


class Network:
    def __init__(self):
        self._links = 0
        os.makedirs("/run/netns", exist_ok=True)
        # An address of its own: else it has the lowest of its ports', another one with some new hosts, and who knows the old one
        # from before sends into the void for half a minute.
        ip("link", "add", "bridge", "address", "02:00:0a:4d:00:01", "type", "bridge")
        ip("address", "add", f"{SENDER_IPV4}/24", "dev", "bridge")
        ip("address", "add", f"{SENDER_IPV6}/64", "dev", "bridge", "nodad")
        ip("link", "set", "bridge", "up")

    def host(self, name, number):
        """A host at 10.77.0.<number> and fd77::<number>."""
        return Host(self, name, number)

    def plug(self, namespace):
        self._links += 1
        link = f"port{self._links}"
        ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace)
        ip("link", "set", link, "master", "bridge", "up")


class Host:
    """One machine of the network, without a name in DNS until a zone gives it one."""

    def __init__(self, network, name, number):
        self.name = name
        self.ipv4 = f"10.77.0.{number}"
        self.ipv6 = f"fd77::{number}"
        ip("netns", "add", name)
        network.plug(name)
        ip("-n", name, "link", "set", "lo", "up")
        ip("-n", name, "link", "set", "eth0", "up")
        self.add_address(self.ipv4, 24)
        self.add_address(self.ipv6, 64)

    def add_address(self, address, prefix):
        # No duplicate address detection: an address that is still tentative cannot be bound.
        nodad = ["nodad"] if ":" in address else []
        ip("-n", self.name, "address", "add", f"{address}/{prefix}", "dev", "eth0", *nodad)

    def command(self, argv):
        return ["nsenter", f"--net=/run/netns/{self.name}", "--", *argv]

    def unplug(self):
        """From now on the host answers nothing, as a machine without power."""
        ip("-n", self.name, "link", "set", "eth0", "down")

    def plug_in(self):
        ip("-n", self.name, "link", "set", "eth0", "up")

    def listen(self, port, address=None):
        """A listening socket of this host. A socket stays in the namespace where it was made."""
        made = []

        def make():
            with open(f"/run/netns/{self.name}", "rb") as namespace:
                if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), f"setns to {self.name}")
            made.append(socket.create_server((address or self.ipv4, port), family=family, backlog=128))

        family = socket.AF_INET6 if address and ":" in address else socket.AF_INET
        # A thread of its own: setns moves only the calling thread.
        maker = threading.Thread(target=make)
        maker.start()
        maker.join()
        return made[0]
