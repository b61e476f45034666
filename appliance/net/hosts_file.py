"""/etc/hosts, read again whenever it changed.

Owns a copy of the file in memory. hosts(5): an address, then names, then a comment.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

_LARGEST_OCTETS = 1024 * 1024


class HostsFile:
    """Names that this machine's owner wrote down himself."""

    def __init__(self, path: Path | str = "/etc/hosts") -> None:
        self._path = path
        self._stamp: tuple[int, int] = (0, 0)
        self._addresses: dict[str, tuple[str, ...]] = {}

    def addresses(self, name: str) -> tuple[str, ...]:
        """All literal addresses of a name, both families, in the file's order."""
        self._refresh()
        return self._addresses.get(name.rstrip(".").lower(), ())

    def _refresh(self) -> None:
        try:
            status = os.stat(self._path)
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp == self._stamp:
                return
            with open(self._path, "rb") as file:
                text = file.read(_LARGEST_OCTETS).decode("utf-8", "replace")
        except OSError:
            stamp, text = (0, 0), ""
        self._stamp = stamp
        self._addresses = parse_hosts(text)


def parse_hosts(text: str) -> dict[str, tuple[str, ...]]:
    """name (lower case) -> its addresses."""
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if len(words) < 2:
            continue
        try:
            ipaddress.ip_address(words[0].partition("%")[0])
        except ValueError:
            continue
        for name in words[1:]:
            known = found.get(name.lower(), ())
            if words[0] not in known:
                found[name.lower()] = (*known, words[0])
    return found
