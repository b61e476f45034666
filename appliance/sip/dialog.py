"""A dialog: who the two ends are, what they number, and which way requests go between them.

PURE. RFC 3261 §12. From and To are kept as written, so that nothing about a display name changes in
flight. The hop is where requests really go: by the route set or the remote target where those are
literal addresses, else where the dialog came from (NAT: §12.2.1.1 cannot be obeyed there).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace
from functools import lru_cache

from appliance.errors import RemoteProtocolError
from appliance.sip.events import Hop, Transport
from appliance.sip.headers import Headers, parse_name_addr
from appliance.sip.locate import literal
from appliance.sip.message import Request, Response
from appliance.sip.uri import Uri, format_uri, parse_uri

_LONGEST_HOST = 64
_BROADCAST = ipaddress.IPv4Address("255.255.255.255")
#: RFC 1918, RFC 6598 (providers' own NAT), RFC 4193, and addresses of one wire.
_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)
_MAX_FORWARDS = ("max-forwards", "Max-Forwards", "70")


@dataclass(slots=True, eq=False)
class Dialog:
    """local and remote: header values of From or To with their tags; hop: where requests go."""

    call_id: str
    local: str
    remote: str
    local_tag: str
    remote_tag: str
    remote_target: str
    route_set: tuple[str, ...]
    hop: Hop
    keeps_hop: bool
    local_cseq: int = 0
    remote_cseq: int = -1

    def request(self, method: str, cseq: int | None = None) -> Request:
        """A request in this dialog (§12.2.1.1); Via and Contact are the transaction layer's."""
        uri, routes = self._way()
        fields = [("route", "Route", route) for route in routes]
        fields += (
            _MAX_FORWARDS,
            ("from", "From", self.local),
            ("to", "To", self.remote),
            ("call-id", "Call-ID", self.call_id),
            ("cseq", "CSeq", f"{self.next_cseq() if cseq is None else cseq} {method}"),
        )
        return Request(method, uri, Headers.of_fields(fields))

    def next_cseq(self) -> int:
        """The number of our next request."""
        self.local_cseq += 1
        return self.local_cseq

    def confirm(self, response: Response) -> None:
        """The 2xx of an early dialog: its route set is the one that counts (§13.2.2.4)."""
        if response.headers.lines("record-route"):
            self.route_set = _reversed_routes(response)
            self.find_hop()
        self.refresh_target(response)

    def refresh_target(self, message: Request | Response) -> None:
        """Follow the far end's new Contact (§12.2)."""
        target = contact_uri(message)
        if target and target != self.remote_target:
            self.remote_target = target
            self.find_hop()

    def hear_from(self, source: Hop) -> None:
        """Follow a far end whose NAT gave it a new port, or who opened its stream again.

        A hop without a stream's number is a listener: it outlives the far end's own streams.
        """
        hop = self.hop
        is_theirs = hop.connection != 0 if source.transport.is_reliable else self.keeps_hop
        if is_theirs and source.host == hop.host and source.transport is hop.transport:
            self.hop = source

    def find_hop(self) -> None:
        """Where the next request goes, as far as that is written in literal addresses."""
        uri = self._next_uri()
        if uri is not None:
            self.hop = hop_of_uri(uri, self.hop)

    def lose_stream(self) -> bool:
        """No stream can be had to where they went: go where the far end says that it listens.

        False when that is no other place, or cannot be known (NAT).
        """
        uri, hop = self._next_uri(), self.hop
        if uri is not None:
            self.hop = listener_of(uri, hop)
        return self.hop != hop

    def has_other_way(self, lost: Hop) -> bool:
        """Whether requests can go another way than this one, which is lost: the stream that the far
        end has opened since, or where it listens."""
        if self.hop != lost and self.hop.transport is lost.transport:
            return True
        return self.hop == lost and self.lose_stream()

    def is_in_order(self, cseq: int) -> bool:
        """Note a request's CSeq; False when it is older than one that came before (§12.2.2)."""
        if cseq < self.remote_cseq:
            return False
        self.remote_cseq = cseq
        return True

    def _next_uri(self) -> Uri | None:
        """Who gets the next request; None behind NAT, and for a URI that cannot be read."""
        if self.keeps_hop:
            return None
        try:
            return parse_uri(
                _route_uri(self.route_set[0]) if self.route_set else self.remote_target
            )
        except RemoteProtocolError:
            return None

    def _way(self) -> tuple[str, tuple[str, ...]]:
        """Request-URI and Route fields; a strict router at the head wants its own URI there."""
        if not self.route_set:
            return self.remote_target, ()
        first = _route_uri(self.route_set[0])
        if "lr" in parse_uri(first).params:
            return self.remote_target, self.route_set
        return first, (*self.route_set[1:], f"<{self.remote_target}>")


def dialog_of_invite(request: Request, source: Hop, local_tag: str) -> Dialog:
    """The UAS's dialog (§12.1.1), of SUBSCRIBE as well.

    Raises RemoteProtocolError without exactly one Contact.
    """
    via = request.via
    is_behind_nat = via.host != source.host and "maddr" not in via.params
    dialog = Dialog(
        call_id=request.call_id,
        local=f"{request.headers.get('To') or ''};tag={local_tag}",
        remote=request.headers.get("From") or "",
        local_tag=local_tag,
        remote_tag=request.from_.tag,
        remote_target=_target(request),
        route_set=_route_set(request),
        hop=source,
        keeps_hop=is_behind_nat,
        remote_cseq=request.cseq.number,
    )
    dialog.find_hop()
    return dialog


def dialog_of_response(request: Request, response: Response, hop: Hop) -> Dialog:
    """The UAC's dialog (§12.1.2); early or confirmed.

    A Contact or Record-Route that cannot be read is passed over: the call goes on by the URI and
    the hop that the INVITE had.
    """
    asked = parse_uri(request.uri)
    is_behind_nat = is_literal(asked.host) and asked.host != hop.host
    local = request.headers.get("From") or ""
    dialog = Dialog(
        call_id=response.call_id,
        local=local,
        remote=response.headers.get("To") or "",
        local_tag=parse_name_addr(local).tag,
        remote_tag=response.to.tag,
        remote_target=contact_uri(response) or request.uri,
        route_set=_reversed_routes(response),
        hop=hop,
        keeps_hop=is_behind_nat,
        local_cseq=response.cseq.number,
    )
    dialog.find_hop()
    return dialog


def hop_of_uri(uri: Uri, current: Hop) -> Hop:
    """The hop that a URI names; the current one where it names none that a far end can have."""
    if not is_literal(uri.host) or not _may_call(uri.host, current.host):
        return current
    transport, said = current.transport, uri.params.get("transport")
    if said and said.upper() in Transport.__members__:
        transport = Transport[said.upper()]
    host, port = literal(uri.host), uri.port or 5060
    if (transport, host, port) == (current.transport, current.host, current.port):
        return current
    if transport is current.transport and transport.is_reliable and host == current.host:
        return current  # the stream that exists serves (RFC 3261 §18)
    return Hop(transport, host, port)


def listener_of(uri: Uri, lost: Hop) -> Hop:
    """Where a far end whose stream is lost says that it listens; the hop itself for datagrams, and
    where that cannot be known."""
    is_told = is_literal(uri.host) and _may_call(uri.host, lost.host)
    if not lost.transport.is_reliable or not is_told:
        return lost
    return Hop(lost.transport, literal(uri.host), uri.port or 5060)


def is_literal(host: str) -> bool:
    """True for an IP address."""
    return len(host) <= _LONGEST_HOST and _is_literal(host)


def contact_uri(message: Request | Response) -> str:
    """The first Contact's URI without its headers; empty if there is none that can be called."""
    try:
        contacts = message.contacts
        if not contacts or contacts[0].uri == "*":
            return ""
        uri = parse_uri(contacts[0].uri)
    except RemoteProtocolError:
        return ""
    return format_uri(replace(uri, headers="")) if uri.headers else contacts[0].uri


@lru_cache(maxsize=1024)
def _is_literal(host: str) -> bool:
    if host[-1:].isdigit() or ":" in host:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True
    return False


@lru_cache(maxsize=1024)
def _may_call(host: str, known: str) -> bool:
    """False for what would turn our requests on ourselves or on many: hostile Contacts say so; and
    for an address of a private network that a far end in the public one names. It stands behind a
    NAT of its own, and in our network that address is somebody else's."""
    address = _address(host)
    if address.is_multicast or address.is_unspecified or address == _BROADCAST:
        return False
    if not is_literal(known):
        return not address.is_loopback
    far = _address(known)
    if address.is_loopback or far.is_loopback:
        return far.is_loopback
    return _is_private(far) or not _is_private(address)


def _is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address in network for network in _PRIVATE)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address as it is reached: an IPv4 address that is mapped into IPv6 is itself."""
    address = ipaddress.ip_address(host)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _target(request: Request) -> str:
    contacts = request.contacts
    target = contact_uri(request) if len(contacts) == 1 else ""
    if not contacts and not request.from_.tag:  # RFC 2543 knew neither: From is called then
        target = request.from_.uri
    if not target:
        raise RemoteProtocolError("a dialog is made by one Contact", section="RFC 3261 §8.1.1.8")
    return target


def _route_set(message: Request | Response) -> tuple[str, ...]:
    """Record-Route as it stands; raises RemoteProtocolError when it names no way."""
    if not message.headers.lines("record-route"):
        return ()
    values = tuple(message.headers.values("Record-Route"))
    for value in values:
        parse_uri(_route_uri(value))
    return values


def _reversed_routes(response: Response) -> tuple[str, ...]:
    """The UAC's route set; none when it cannot be read."""
    try:
        return _route_set(response)[::-1]
    except RemoteProtocolError:
        return ()


def _route_uri(value: str) -> str:
    return parse_name_addr(value).uri
