"""Which far addresses media may be sent to at all.

A description is written by whoever calls us: it may name a broadcast, a service of somebody else's,
or ourselves. What is refused here is refused for every stream, before anything was sent.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from appliance.errors import MediaError
from appliance.sdp.media import RemoteAddress

LOWEST_PORT = 1024  # below are services, never media
HIGHEST_PORT = 65535
BROADCAST = IPv4Address("255.255.255.255")


@lru_cache(maxsize=1024)
def _judge(host: str) -> tuple[str, bool]:
    """The canonical form of a literal, and whether media must never go there."""
    address = _literal(host)
    is_bad = address.is_multicast or address.is_unspecified or address == BROADCAST
    return str(address), is_bad


def _literal(host: str) -> IPv4Address | IPv6Address:
    try:
        address = ip_address(host)
    except ValueError:
        raise hostile(host, 0) from None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def hostile(host: str, port: int) -> MediaError:
    """The error for an address that must never be sent to."""
    return MediaError("media.hostile_address", f"media must not go to {host} port {port}")


def unreachable(host: str, why: str) -> MediaError:
    """The error for an address that this box has no way to."""
    return MediaError("media.unreachable_address", f"no way to {host}: {why}")


def checked(remote: RemoteAddress) -> RemoteAddress:
    """The address with its host in canonical form, and rtcp_port 0 where there can be none.

    Raises MediaError ``media.hostile_address``: broadcast, multicast, unspecified, no literal
    address, a port below 1024.
    """
    host, is_bad_host = _judge(remote.host)
    if is_bad_host or not LOWEST_PORT <= remote.port <= HIGHEST_PORT:
        raise hostile(remote.host, remote.port)
    rtcp_port = remote.rtcp_port if remote.rtcp_port <= HIGHEST_PORT else 0
    if rtcp_port and rtcp_port < LOWEST_PORT:
        raise hostile(remote.host, rtcp_port)
    return RemoteAddress(host, remote.port, rtcp_port)
