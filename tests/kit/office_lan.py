"""An office network: a namespace for the box, one for each device, and one for the switch between.

Owns the namespaces that it makes and takes them away again. Every device has the hardware address
that it is given, so that the kernel's table of neighbours tells the truth. The box is a device like
the others: a bridge of its own would change its hardware address with each device that comes, and
whoever had learned the one before would speak to nobody. Needs root.
"""

from __future__ import annotations

import itertools
import os
from types import TracebackType

from tests.kit.processes import run

_NUMBERS = itertools.count(1)


class OfficeLan:
    """``box`` is the box's namespace; ``add`` plugs a device in and gives its namespace."""

    BOX_HOST = "10.78.0.1"

    def __init__(self) -> None:
        """Name it; ``__enter__`` makes it."""
        self._stem = f"dz{os.getpid()}o{next(_NUMBERS)}"
        self.box, self._switch = f"{self._stem}b", f"{self._stem}s"
        self._devices: list[str] = []

    def __enter__(self) -> OfficeLan:
        try:
            run(["ip", "netns", "add", self._switch])
            bridge = ["name", "bridge", "type", "bridge", "mcast_snooping", "0"]
            run(["ip", "-n", self._switch, "link", "add", *bridge])
            run(["ip", "-n", self._switch, "link", "set", "bridge", "up"])
            self._plug(self.box, "lan0", "box", self.BOX_HOST)
        except BaseException:
            self.close()
            raise
        return self

    def add(self, mac: str, host: str = "") -> tuple[str, str]:
        """(namespace, address) of a device. mac: twelve digits; host: 10.78.0.N when not given."""
        number = len(self._devices) + 10
        name = f"{self._stem}d{number}"
        host = host or f"10.78.0.{number}"
        self._devices.append(name)
        self._plug(name, "eth0", f"p{number}", host, mac)
        run(["ip", "-n", name, "route", "add", "default", "dev", "eth0"])
        return name, host

    def _plug(self, netns: str, link: str, port: str, host: str, mac: str = "") -> None:
        """Make a namespace whose ``link`` hangs on a port of the switch."""
        pairs = ":".join(mac[i : i + 2] for i in range(0, 12, 2))
        own = [link, "address", pairs] if mac else [link]
        run(["ip", "netns", "add", netns])
        peer = ["peer", "name", port, "netns", self._switch]
        run(["ip", "-n", netns, "link", "add", *own, "type", "veth", *peer])
        run(["ip", "-n", self._switch, "link", "set", port, "master", "bridge", "up"])
        for arguments in (
            ["link", "set", "lo", "up"],
            ["address", "add", f"{host}/24", "dev", link],
            ["link", "set", link, "up"],
        ):
            run(["ip", "-n", netns, *arguments])

    def close(self) -> None:
        """Take the namespaces away, whatever of them exists."""
        there = run(["ip", "netns", "list"])
        for name in (*self._devices, self.box, self._switch):
            if name in there:
                run(["ip", "netns", "delete", name])

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
