"""How this machine reaches the internet: its default gateway, and the name servers that it asks.

Owns nothing: reads what the kernel (proc(5), ``net/route``) and the resolver's files say. Only
IPv4, and only what another machine of the network can use as well.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from pathlib import Path

ROUTES = Path("/proc/net/route")
#: The first that names a server others can ask; systemd-resolved keeps its own in the second.
RESOLVERS = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf"))
_UP_AND_GATEWAY = 0x1 | 0x2  # RTF_UP, RTF_GATEWAY
_EVERYWHERE = "00000000"


def default_gateway(interface: str, routes: Path = ROUTES) -> str:
    """The router by which this interface reaches everything else; empty where there is none."""
    found = []
    for line in _text(routes).splitlines()[1:]:
        fields = line.split()
        if len(fields) < 8 or (fields[0], fields[1], fields[7]) != (
            interface,
            _EVERYWHERE,
            _EVERYWHERE,
        ):
            continue
        flags, metric = int(fields[3], 16), int(fields[6])
        if flags & _UP_AND_GATEWAY == _UP_AND_GATEWAY:
            found.append((metric, socket.inet_ntoa(struct.pack("=I", int(fields[2], 16)))))
    return min(found)[1] if found else ""


def name_servers(files: Sequence[Path] = RESOLVERS) -> tuple[str, ...]:
    """The resolvers of this machine; one that listens on it alone is of no use to others."""
    for file in files:
        lines = [line.split() for line in _text(file).splitlines()]
        named = [words[1] for words in lines if words[:1] == ["nameserver"] and len(words) > 1]
        if found := tuple(host for host in named if _serves_others(host)):
            return found
    return ()


def _serves_others(host: str) -> bool:
    try:
        return socket.inet_aton(host)[0] not in (0, 127) and ":" not in host
    except OSError:
        return False


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace")
    except OSError:
        return ""
