"""Where SIP is listened for, and how that follows the addresses of this machine.

Owns the list of listeners. A wildcard follows by itself. An address that was asked for by name may
go away (a lease, a cable, a person): its sockets wait for it, or move to another address of the
same interface, because that interface is what was meant. What happens is an alert with words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from appliance.alerts import Alerts
from appliance.errors import UserError
from appliance.net.netlink import InterfaceAddress, usable_addresses
from appliance.net.own_address import OwnAddresses
from appliance.net.socket_options import family_of, is_wildcard

log = logging.getLogger(__name__)
_GLOBAL_SCOPE = 0


class Sockets(Protocol):
    """Who opens and closes them (net/sip_driver.py)."""

    async def open(self, host: str, port: int) -> int: ...
    def leave(self, host: str) -> None: ...


@dataclass(frozen=True, slots=True)
class ListeningParts:
    """Tools. addresses: what the kernel says of this machine now; raises OSError."""

    sockets: Sockets
    own: OwnAddresses
    alerts: Alerts
    addresses: Callable[[], Sequence[InterfaceAddress]] = usable_addresses


@dataclass(slots=True)
class _Place:
    """One address that we listen at. interface: its index, 0 for a wildcard or unknown."""

    host: str
    port: int
    interface: int = 0
    is_gone: bool = False


class Listening:
    """``open`` at start; ``follow`` whenever the network has changed."""

    def __init__(self, parts: ListeningParts) -> None:
        self._parts = parts
        self._places: list[_Place] = []
        self._lock = asyncio.Lock()

    def listeners(self) -> list[tuple[str, str, int]]:
        """(transport, host, port) of all, in the order in which they were asked for."""
        return [(kind, p.host, p.port) for p in self._places for kind in ("udp", "tcp")]

    def present(self) -> list[tuple[str, int]]:
        """(host, port) of the UDP sockets whose address is there now."""
        return [(p.host, p.port) for p in self._places if not p.is_gone]

    async def open(self, hosts: Iterable[str], port: int) -> None:
        """Listen at each; raises UserError ``net.address_in_use`` and the like."""
        known = {address.host: address.interface for address in self._known() or ()}
        for host in hosts:
            bound = await self._parts.sockets.open(host, port)
            self._places.append(_Place(host, bound, known.get(host, 0)))

    async def follow(self) -> None:
        """See which addresses are there, and move where one has become another."""
        self._parts.own.forget()
        known = self._known()
        if known is None:
            return
        async with self._lock:
            for place in self._places:
                if not is_wildcard(place.host):
                    await self._follow(place, known)

    async def _follow(self, place: _Place, known: Sequence[InterfaceAddress]) -> None:
        here = next((address for address in known if address.host == place.host), None)
        if here is not None:
            place.interface = here.interface  # one that was plugged in after the start is learned
            if place.is_gone:
                log.info("our address %s is back", place.host)
            place.is_gone = False
            return
        other = self._other_address(place, known)
        if other:
            await self._move(place, other)
        elif not place.is_gone:
            place.is_gone = True
            self._parts.alerts.raise_("address_gone", place.host)

    async def _move(self, place: _Place, host: str) -> None:
        try:
            await self._parts.sockets.open(host, place.port)
        except UserError as error:
            log.error("cannot move from %s to %s: %s", place.host, host, error)
            return
        self._parts.sockets.leave(place.host)
        self._parts.alerts.raise_("address_changed", f"{place.host} → {host}")
        place.host, place.is_gone = host, False

    def _other_address(self, place: _Place, known: Sequence[InterfaceAddress]) -> str:
        """What its interface is called by now, if it has a name of the same family that is free."""
        taken = {p.host for p in self._places}
        for address in known:
            is_same = address.interface == place.interface and address.scope == _GLOBAL_SCOPE
            is_fit = is_same and family_of(address.host) == family_of(place.host)
            if is_fit and address.host not in taken:
                return address.host
        return ""

    def _known(self) -> Sequence[InterfaceAddress] | None:
        """None when nobody tells: then every address is believed to be there."""
        try:
            return self._parts.addresses()
        except OSError as error:
            log.warning("the addresses of this machine are not told: %s", error)
            return None
