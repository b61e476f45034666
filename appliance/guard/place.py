"""Where a message comes from, as the guard counts: one place, however many addresses it has.

PURE. An IPv4 address is a place; of IPv6 a network of /64, since whoever has one address has all of
them (RFC 6177 §2); an IPv4 address mapped into IPv6 is the IPv4 address (RFC 4291 §2.5.5.2).
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache


def place_of(host: str) -> str:
    """The place of a literal address, with or without a zone; anything else is itself."""
    return _place_of_v6(host) if ":" in host else host


@lru_cache(maxsize=4096)
def _place_of_v6(host: str) -> str:
    try:
        address = ipaddress.IPv6Address(host.partition("%")[0])
    except ValueError:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False))
