"""SIP PnP: a phone that shouts into the network is told our URL.

Owns a memory of whom it has complained of, since anybody may shout as often as he likes. A
SUBSCRIBE to ua-profile that came to 224.0.1.75 is answered with 200 and a NOTIFY with one URL, when
its source and its Contact are in a network of ours (else we would be a reflector) and its hardware
address is that of the neighbour who sent it. The URL holds no secret: what the phone may read is
decided when it fetches.
"""

from __future__ import annotations

import ipaddress
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from appliance.errors import RemoteProtocolError
from appliance.legs.parts import LegParts
from appliance.legs.phone import bracket
from appliance.legs.requests import Requests
from appliance.net.netlink import InterfaceAddress
from appliance.phones.pnp_messages import Subscription, read_subscription
from appliance.sip.events import Hop, PlainRequest, RequestReceived, Transport
from appliance.sip.message import Request

log = logging.getLogger(__name__)
GROUP, PORT = "224.0.1.75", 5060
_USUAL_PORT = 5060
_TIMEOUT_S = 8.0
#: A source is complained of once in this time; sources that are remembered.
COMPLAINT_S, _MOST_SOURCES = 600.0, 512
#: For so long the kernel's word about our networks is good: asking it takes milliseconds, and two
#: hundred phones whose power comes back ask at once.
NETWORKS_S = 1.0
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class PnpTools:
    """ports: where provisioning listens, by kind; neighbour: hardware address behind an IP address;
    addresses: of this machine; spawn: run a passing task; raise_alert: (key, detail); is_enabled:
    whether phones are set up at all; trusts: a source that has no hardware address is itself."""

    parts: LegParts
    requests: Requests
    ports: Callable[[], dict[str, int]]
    neighbour: Callable[[str], Awaitable[str]]
    addresses: Callable[[], Sequence[InterfaceAddress]]
    spawn: Callable[[Awaitable[None]], None]
    raise_alert: Callable[[str, str], None]
    is_enabled: Callable[[], bool]
    trusts: Callable[[str], bool]


class Pnp:
    """``take(event)`` answers a SUBSCRIBE to ua-profile, and leaves others alone."""

    def __init__(self, tools: PnpTools) -> None:
        self._tools = tools
        self._complained: OrderedDict[str, float] = OrderedDict()
        self._networks: frozenset[_Network] = frozenset()
        self._networks_until = 0.0
        #: URLs sent since the start, for those who count.
        self.sent = 0

    def take(self, event: RequestReceived) -> bool:
        """True when it was for us, whatever came of it."""
        try:
            wanted = read_subscription(event.request)
        except RemoteProtocolError as error:
            self._complain(event.source.host, str(error))
            self._ignore(event)
            return True
        if wanted is None:
            return False
        if not self._tools.is_enabled():
            self._ignore(event)
        elif self._is_near(event.source.host, wanted.contact.host):
            self._tools.spawn(self._answer(event, wanted))
        else:
            self._complain(event.source.host, "it, or its Contact, is in no network of ours")
            self._ignore(event)
        return True

    def _complain(self, host: str, why: str) -> None:
        """Say it once of each source in COMPLAINT_S."""
        now = self._tools.parts.clock.now()
        if now - self._complained.get(host, now - COMPLAINT_S) < COMPLAINT_S:
            return
        self._complained[host] = now
        self._complained.move_to_end(host)
        while len(self._complained) > _MOST_SOURCES:
            self._complained.popitem(last=False)
        log.warning("PnP from %s is not answered: %s", host, why)

    async def _answer(self, event: RequestReceived, wanted: Subscription) -> None:
        """Who is not near, or not himself, gets nothing; nor does anybody before there is a URL."""
        host = event.source.host
        url = self._url(event.source)
        if url and await self._is_itself(host, wanted.mac):
            self._say(event, wanted, url)
            log.info("PnP: %s %s at %s is sent to %s", wanted.vendor, wanted.model, host, url)
        else:
            self._ignore(event)

    async def _is_itself(self, host: str, claimed: str) -> bool:
        """Whether the neighbour who sent it has the hardware address that it names, if any."""
        seen = await self._tools.neighbour(host)
        if not seen:
            return self._tools.trusts(host)
        if claimed and seen != claimed:
            self._tools.raise_alert("phone_mismatch", f"{host} {seen} {claimed}")
            return False
        return True

    def _ignore(self, event: RequestReceived) -> None:
        self._tools.parts.endpoint.ignore(event.transaction)

    def _say(self, event: RequestReceived, wanted: Subscription, url: str) -> None:
        parts = self._tools.parts
        request, source = event.request, event.source
        own = self._own(source)
        tag = parts.ids.token(64)
        headers = (("Contact", f"<sip:{own}>"), ("Expires", "0"))
        now = parts.clock.now()
        parts.endpoint.respond(event.transaction, 200, headers=headers, tag=tag, now=now)
        parts.wake()
        self._tools.requests.send(_notify(request, wanted, url, own, tag), lambda said, cause: None)
        self.sent += 1

    def _own(self, towards: Hop) -> str:
        host, port = self._tools.parts.addresses.sip_address(towards)
        return f"{bracket(host)}:{port}"

    def _url(self, towards: Hop) -> str:
        """Where this phone finds provisioning; empty when nobody is there."""
        port = self._tools.ports().get("http", 0)
        if not port:
            return ""
        host, _ = self._tools.parts.addresses.sip_address(towards)
        return f"http://{bracket(host)}{'' if port == 80 else f':{port}'}/"

    def _is_near(self, source: str, contact: str) -> bool:
        """Both addresses stand in one network of an interface of ours."""
        try:
            both = [ipaddress.ip_address(source), ipaddress.ip_address(contact.strip("[]"))]
        except ValueError:
            return False
        return any(all(address in network for address in both) for network in self._near())

    def _near(self) -> frozenset[_Network]:
        """The networks of our interfaces."""
        now = self._tools.parts.clock.now()
        if now >= self._networks_until:
            self._networks_until = now + NETWORKS_S
            self._networks = frozenset(
                ipaddress.ip_network(f"{own.host}/{own.prefix}", strict=False)
                for own in self._tools.addresses()
            )
        return self._networks


def _notify(request: Request, wanted: Subscription, url: str, own: str, tag: str) -> PlainRequest:
    """RFC 6080 §5.3, in the dialog that the SUBSCRIBE has made: tags are swapped."""
    contact = wanted.contact
    hop = Hop(Transport.UDP, contact.host.strip("[]"), contact.port or _USUAL_PORT)
    return PlainRequest(
        method="NOTIFY",
        uri=request.contacts[0].uri,
        hop=hop,
        from_uri=request.to.uri,
        to_uri=request.from_.uri,
        headers=(
            ("Contact", f"<sip:{own}>"),
            ("Event", wanted.event),
            ("Subscription-State", "terminated;reason=timeout"),
            ("Content-Type", "application/url"),
        ),
        body=url.encode("ascii"),
        call_id=request.call_id,
        from_tag=tag,
        to_tag=request.from_.tag,
        timeout_s=_TIMEOUT_S,
    )
