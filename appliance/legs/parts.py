"""What every leg may use, in one bundle made by the composition root.

Owns nothing. A leg gets its tools here instead of reaching for the daemon: the SIP endpoint, the
media plane, the clock, and the switchboard's ear for its events.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.call.leg import LegEvent
from appliance.clock import Clock
from appliance.config.host_text import bare_host
from appliance.config.model import Site, Snapshot
from appliance.legs.leg_media import MediaPlace
from appliance.media.api import MediaPlane
from appliance.sip.endpoint import Endpoint
from appliance.sip.events import Hop, Transport
from appliance.sip.ids import Ids

#: RFC 5737: nothing is sent, only our own address on the way is asked.
_FAR_AWAY = Hop(Transport.UDP, "192.0.2.1", 5060)


class Addresses:
    """Our own addresses towards a far end, and whether a far end is in the office.

    local_address: our literal IP and SIP port towards a hop (net/sip_driver).
    """

    def __init__(self, site: Site, local_address: Callable[[Hop], tuple[str, int]]) -> None:
        self._local_address = local_address
        self._is_local: dict[str, bool] = {}
        self.configure(site)

    def configure(self, site: Site) -> None:
        """Follow the site's networks and public address."""
        self._external = bare_host(site.external_address)
        self._networks = [ipaddress.ip_network(n, strict=False) for n in site.local_networks]
        self._is_local.clear()

    def is_local(self, host: str) -> bool:
        """True for an address of the office's own networks (Site.local_networks)."""
        known = self._is_local.get(host)
        if known is None:
            if len(self._is_local) > 4096:
                self._is_local.clear()
            known = self._is_local[host] = self._look(host)
        return known

    def sip_address(self, hop: Hop) -> tuple[str, int]:
        """Host and port that this hop shall know us by."""
        host, port = self._local_address(hop)
        return self._advertised(host, hop.host), port

    def own_host(self) -> str:
        """Our literal address in the office, whatever public one stands before us."""
        return self._local_address(_FAR_AWAY)[0]

    def media_place(self, hop: Hop) -> MediaPlace:
        """Where a leg towards this hop opens its media."""
        host, port = self._local_address(hop)
        return MediaPlace(host, self._advertised(host, hop.host), hop.host, port)

    def _advertised(self, host: str, towards: str) -> str:
        is_outward = self.is_local(host) and not self.is_local(towards)
        if self._external and is_outward and _may_stand_for(self._external, host):
            return self._external
        return host

    def _look(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host.split("%", 1)[0])
        except ValueError:
            return False
        return any(address in n for n in self._networks if n.version == address.version)


@dataclass(slots=True)
class LegParts:
    """Tools of a leg.

    snapshot: the revision in force; tell: the switchboard's ear; wake: the SIP driver looks after
    what the endpoint wants sent; make_room: ends a call for the ports that an emergency needs, at
    once; False when there is none; leg_of_stream: whose media a stream is.
    """

    endpoint: Endpoint
    media: MediaPlane
    clock: Clock
    ids: Ids
    addresses: Addresses
    snapshot: Callable[[], Snapshot]
    tell: Callable[[LegEvent], None]
    wake: Callable[[], None]
    make_room: Callable[[], bool]
    origin_id: int = field(default=1)
    leg_of_stream: dict[int, int] = field(default_factory=dict)

    def next_origin_id(self) -> int:
        """A session id for an o= line, unique in this run (RFC 8866 §5.2)."""
        self.origin_id += 1
        return self.origin_id


def _may_stand_for(external: str, host: str) -> bool:
    """False for a public address of IPv4 where we speak IPv6, which such a router leaves alone."""
    try:
        return ":" not in host or ipaddress.ip_address(external).version == 6
    except ValueError:
        return True  # a name may be either's
