"""Which hardware address sits behind an IP address: the kernel's table of neighbours.

Owns nothing but one socket for nudges: where the kernel does not know a neighbour yet, an empty
datagram to its discard port makes it ask (RFC 826), and the table is read again. Hosts behind a
router have no entry, and IPv6 is not looked up: nothing is said of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

TABLE = Path("/proc/self/net/arp")
_IS_COMPLETE = 0x2
_DISCARD_PORT = 9
_FRESH_S = 0.005
_NUDGES_S = (0.01, 0.04, 0.15)


def parse_table(text: str) -> Mapping[str, str]:
    """IP address -> twelve lower-case hexadecimal digits, of complete entries."""
    found = {}
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) >= 6 and int(fields[2], 16) & _IS_COMPLETE:
            found[fields[0]] = fields[3].replace(":", "").lower()
    return {host: mac for host, mac in found.items() if mac != "000000000000"}


class Neighbours:
    """``await of(host)`` says it."""

    def __init__(self, table: Path = TABLE) -> None:
        self._table = table
        self._known: Mapping[str, str] = {}
        self._read_at = -_FRESH_S

    async def of(self, host: str) -> str:
        """The hardware address of a neighbour, or empty."""
        if not _is_plain_ipv4(host):
            return ""
        for delay_s in _NUDGES_S:
            if mac := self._read().get(host):
                return mac
            nudge([host])
            await asyncio.sleep(delay_s)
        return self._read().get(host, "")

    def _read(self) -> Mapping[str, str]:
        """Two hundred phones that boot together are looked up in one reading."""
        now = asyncio.get_running_loop().time()
        if now - self._read_at >= _FRESH_S:
            self._read_at = now
            try:
                self._known = parse_table(self._table.read_text("ascii", "replace"))
            except (OSError, ValueError):
                self._known = {}
        return self._known


def _is_plain_ipv4(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.version == 4 and not address.is_loopback


def nudge(hosts: Iterable[str]) -> None:
    """Have the kernel ask who has these addresses, whatever comes of it; IPv4."""
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock,
    ):
        for host in hosts:
            with contextlib.suppress(OSError):
                sock.sendto(b"", (host, _DISCARD_PORT))


def is_loopback(host: str) -> bool:
    """Whether an address is this machine's own loopback."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
