"""Network namespaces: an office behind NAT and the world outside, made of veth pairs and nftables.

Owns the namespaces that it makes and takes them away again. Needs root and a kernel with veth and
NAT: where these are missing the test fails, it is never skipped.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from tests.kit.processes import KitError, run

_CLONE_NEWNET = 0x40000000
_NUMBERS = itertools.count(1)
_Value = TypeVar("_Value")


class NatNetwork:
    """``lan`` -- ``router`` (masquerade) -- ``wan``: whoever is in lan reaches wan by the router's
    address only, and nobody in wan reaches lan unasked."""

    LAN_HOST = "10.77.0.2"
    ROUTER_LAN_HOST = "10.77.0.1"
    ROUTER_WAN_HOST = "198.51.100.1"
    WAN_HOST = "198.51.100.2"

    def __init__(self) -> None:
        """Name the three; ``__enter__`` makes them."""
        stem = f"dz{os.getpid()}n{next(_NUMBERS)}"
        self.lan, self.router, self.wan = (f"{stem}{part}" for part in "lrw")

    def __enter__(self) -> NatNetwork:
        try:
            self._make()
        except BaseException:
            self.close()
            raise
        return self

    def _make(self) -> None:
        for name in (self.lan, self.router, self.wan):
            run(["ip", "netns", "add", name])
            run(["ip", "-n", name, "link", "set", "lo", "up"])
        self._join(self.lan, self.LAN_HOST, self.ROUTER_LAN_HOST, "inner")
        self._join(self.wan, self.WAN_HOST, self.ROUTER_WAN_HOST, "outer")
        run(["ip", "-n", self.lan, "route", "add", "default", "via", self.ROUTER_LAN_HOST])
        run(["sysctl", "-q", "-w", "net.ipv4.ip_forward=1"], netns=self.router)
        rules = (
            "add table ip nat",
            "add chain ip nat after { type nat hook postrouting priority 100; }",
            'add rule ip nat after oifname "outer" masquerade random',
        )
        run(["nft", "; ".join(rules)], netns=self.router)

    def _join(self, leaf: str, leaf_host: str, router_host: str, link: str) -> None:
        """A wire between a leaf and the router, addresses at both ends."""
        peer = ["peer", "name", link, "netns", self.router]
        run(["ip", "-n", leaf, "link", "add", "eth0", "type", "veth", *peer])
        for name, device, host in ((leaf, "eth0", leaf_host), (self.router, link, router_host)):
            run(["ip", "-n", name, "address", "add", f"{host}/24", "dev", device])
            run(["ip", "-n", name, "link", "set", device, "up"])

    def forget_mappings(self) -> None:
        """The router loses its memory of who speaks with whom, as after a power cut."""
        run(["conntrack", "-F"], netns=self.router)

    def close(self) -> None:
        """Take the namespaces away, whatever of them exists."""
        there = run(["ip", "netns", "list"])
        for name in (self.lan, self.router, self.wan):
            if name in there:
                run(["ip", "netns", "delete", name])

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def inside(netns: str, work: Callable[[], _Value], timeout_s: float = 10.0) -> _Value:
    """Do ``work`` in a thread that is in a namespace; what it opens there stays there.

    "" is the namespace of the test itself. Raises what ``work`` raises.
    """
    if not netns:
        return work()
    results: list[_Value] = []
    errors: list[BaseException] = []

    def enter_and_work() -> None:
        try:
            _enter(netns)
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=enter_and_work, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if errors:
        raise errors[0]
    if not results:
        raise KitError(f"not within {timeout_s:g} s in namespace {netns}")
    return results[0]


def _enter(netns: str) -> None:
    """Move this thread into a namespace (setns(2); Python has os.setns from 3.12 on)."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = os.open(f"/run/netns/{netns}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.setns(handle, _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"setns {netns}")
    finally:
        os.close(handle)
