"""An office network: a namespace for the box with a bridge, and one for each device on it.

Owns the namespaces that it makes and takes them away again. Every device has the hardware address
that it is given, so that the kernel's table of neighbours tells the truth. Needs root.
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
        self.box = f"{self._stem}b"
        self._devices: list[str] = []

    def __enter__(self) -> OfficeLan:
        try:
            run(["ip", "netns", "add", self.box])
            for arguments in (
                ["link", "set", "lo", "up"],
                ["link", "add", "lan0", "type", "bridge", "mcast_snooping", "0"],
                ["address", "add", f"{self.BOX_HOST}/24", "dev", "lan0"],
                ["link", "set", "lan0", "up"],
            ):
                run(["ip", "-n", self.box, *arguments])
        except BaseException:
            self.close()
            raise
        return self

    def add(self, mac: str, host: str = "") -> tuple[str, str]:
        """(namespace, address) of a device. mac: twelve digits; host: 10.78.0.N when not given."""
        number = len(self._devices) + 10
        name = f"{self._stem}d{number}"
        host = host or f"10.78.0.{number}"
        pairs = ":".join(mac[i : i + 2] for i in range(0, 12, 2))
        run(["ip", "netns", "add", name])
        self._devices.append(name)
        port = f"p{number}"
        peer = ["peer", "name", port, "netns", self.box]
        run(["ip", "-n", name, "link", "add", "eth0", "address", pairs, "type", "veth", *peer])
        run(["ip", "-n", self.box, "link", "set", port, "master", "lan0", "up"])
        for arguments in (
            ["link", "set", "lo", "up"],
            ["address", "add", f"{host}/24", "dev", "eth0"],
            ["link", "set", "eth0", "up"],
            ["route", "add", "default", "dev", "eth0"],
        ):
            run(["ip", "-n", name, *arguments])
        return name, host

    def close(self) -> None:
        """Take the namespaces away, whatever of them exists."""
        there = run(["ip", "netns", "list"])
        for name in (*self._devices, self.box):
            if name in there:
                run(["ip", "netns", "delete", name])

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
