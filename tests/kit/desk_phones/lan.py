"""An office network in namespaces: one for the box, one for each phone with the phone's own MAC.

Owns the namespaces and takes them away again. The box's namespace holds a bridge; multicast crosses
it, as it crosses an office's switch. Needs root: where it is missing the test fails.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from types import TracebackType

from tests.kit.processes import run

_NUMBERS = itertools.count(1)
BOX = "10.78.0.1"


class Lan:
    """``box``: the namespace of the box; ``phone(n)``: (namespace, address) of the nth phone."""

    def __init__(self, macs: Sequence[str]) -> None:
        """macs: twelve hexadecimal digits each, one a phone."""
        stem = f"dl{os.getpid()}n{next(_NUMBERS)}"
        self.box = f"{stem}b"
        self._macs = tuple(macs)
        self._phones = [f"{stem}p{n}" for n in range(len(macs))]

    def phone(self, number: int) -> tuple[str, str]:
        """Namespace and address of a phone, counted from 0."""
        return self._phones[number], f"10.78.0.{10 + number}"

    def __enter__(self) -> Lan:
        try:
            self._make()
        except BaseException:
            self.close()
            raise
        return self

    def _make(self) -> None:
        for name in (self.box, *self._phones):
            run(["ip", "netns", "add", name])
            run(["ip", "-n", name, "link", "set", "lo", "up"])
        run(["ip", "-n", self.box, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0"])
        run(["ip", "-n", self.box, "address", "add", f"{BOX}/24", "dev", "br0"])
        run(["ip", "-n", self.box, "link", "set", "br0", "up"])
        run(["ip", "-n", self.box, "route", "add", "224.0.0.0/4", "dev", "br0"])
        for number, mac in enumerate(self._macs):
            self._plug(number, ":".join(mac[i : i + 2] for i in range(0, 12, 2)))

    def _plug(self, number: int, mac: str) -> None:
        name, host = self.phone(number)
        port = f"port{number}"
        peer = ["peer", "name", port, "netns", self.box]
        run(["ip", "-n", name, "link", "add", "eth0", "address", mac, "type", "veth", *peer])
        run(["ip", "-n", name, "address", "add", f"{host}/24", "dev", "eth0"])
        run(["ip", "-n", name, "link", "set", "eth0", "up"])
        run(["ip", "-n", name, "route", "add", "224.0.0.0/4", "dev", "eth0"])
        run(["ip", "-n", self.box, "link", "set", port, "master", "br0"])
        run(["ip", "-n", self.box, "link", "set", port, "up"])

    def close(self) -> None:
        """Take the namespaces away, whatever of them exists."""
        there = run(["ip", "netns", "list"])
        for name in (self.box, *self._phones):
            if name in there:
                run(["ip", "netns", "delete", name])

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
