"""Finds phones that found nobody: hosts of our networks whose hardware address a phone maker has.

Owns nothing. Every address of a small network of ours is nudged with an empty datagram, so that the
kernel asks who has it (RFC 826); what answered stands in its table of neighbours. No phone's web
page is touched.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Sequence
from typing import Any

from appliance.net.netlink import InterfaceAddress
from provisioning.neighbours import TABLE, nudge, parse_table

_LARGEST_NETWORK_BITS = 10  # 1,024 addresses; larger ones are not walked through
_TOGETHER = 64
_PAUSE_S, _LAST_S = 0.05, 1.0


async def scan(
    addresses: Sequence[InterfaceAddress], maker: Callable[[str], str]
) -> list[dict[str, Any]]:
    """``[{"host", "mac", "brand"}]`` of every neighbour whose maker is known, by address."""
    hosts = [host for address in addresses for host in _neighbours_of(address)]
    for at in range(0, len(hosts), _TOGETHER):
        nudge(hosts[at : at + _TOGETHER])
        await asyncio.sleep(_PAUSE_S)
    await asyncio.sleep(_LAST_S)
    found = parse_table(TABLE.read_text("ascii", "replace"))
    rows = [
        {"host": host, "mac": mac, "brand": brand}
        for host, mac in found.items()
        if (brand := maker(mac))
    ]
    return sorted(rows, key=lambda row: ipaddress.ip_address(row["host"]))


def _neighbours_of(address: InterfaceAddress) -> list[str]:
    own = ipaddress.ip_address(address.host)
    if own.version != 4 or own.is_loopback or 32 - address.prefix > _LARGEST_NETWORK_BITS:
        return []
    network = ipaddress.ip_network(f"{own}/{address.prefix}", strict=False)
    return [str(host) for host in network.hosts() if host != own]
