"""A dialog: who the two ends are, what they number, and which way requests go between them.

PURE. RFC 3261 §12. From and To are kept as written, so that nothing about a display name changes in
flight. The hop is where requests really go: by the route set or the remote target where those are
literal addresses, else where the dialog came from (NAT: §12.2.1.1 cannot be obeyed there).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

from appliance.errors import RemoteProtocolError
from appliance.sip.events import Hop, Transport
from appliance.sip.headers import Headers
from appliance.sip.message import Request, Response
from appliance.sip.uri import Uri, format_uri, parse_uri


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
        if cseq is None:
            self.local_cseq += 1
            cseq = self.local_cseq
        uri, routes = self._way()
        headers = Headers()
        for route in routes:
            headers.add("Route", route)
        headers.add("Max-Forwards", "70")
        headers.add("From", self.local)
        headers.add("To", self.remote)
        headers.add("Call-ID", self.call_id)
        headers.add("CSeq", f"{cseq} {method}")
        return Request(method, uri, headers)

    def refresh_target(self, message: Request | Response) -> None:
        """Follow the far end's new Contact (§12.2)."""
        contacts = message.contacts
        if contacts and contacts[0].uri != self.remote_target:
            self.remote_target = contacts[0].uri
            self.find_hop()

    def find_hop(self) -> None:
        """Where the next request goes, as far as that is written in literal addresses."""
        if self.keeps_hop:
            return
        first = self.route_set[0] if self.route_set else f"<{self.remote_target}>"
        try:
            uri = parse_uri(first[first.index("<") + 1 : first.index(">")])
        except (RemoteProtocolError, ValueError):
            return
        self.hop = hop_of_uri(uri, self.hop)

    def is_in_order(self, cseq: int) -> bool:
        """Note a request's CSeq; False when it is older than one that came before (§12.2.2)."""
        if cseq < self.remote_cseq:
            return False
        self.remote_cseq = cseq
        return True

    def _way(self) -> tuple[str, tuple[str, ...]]:
        """Request-URI and Route fields; a strict router first in the set wants its own URI there."""
        if not self.route_set or ";lr" in self.route_set[0].lower():
            return self.remote_target, self.route_set
        first = self.route_set[0]
        strict = first[first.index("<") + 1 : first.index(">")]
        return strict, (*self.route_set[1:], f"<{self.remote_target}>")


def dialog_of_invite(request: Request, source: Hop, local_tag: str) -> Dialog:
    """The UAS's dialog (§12.1.1). Raises RemoteProtocolError without exactly one Contact."""
    via = request.via
    is_behind_nat = via.host != source.host and "maddr" not in via.params
    dialog = Dialog(
        call_id=request.call_id,
        local=_tagged(request.headers.get("To") or "", local_tag),
        remote=request.headers.get("From") or "",
        local_tag=local_tag,
        remote_tag=request.from_.tag,
        remote_target=_target(request),
        route_set=tuple(request.headers.values("Record-Route")),
        hop=source,
        keeps_hop=is_behind_nat,
        remote_cseq=request.cseq.number,
    )
    dialog.find_hop()
    return dialog


def dialog_of_response(request: Request, response: Response, hop: Hop) -> Dialog:
    """The UAC's dialog (§12.1.2); early or confirmed."""
    asked = parse_uri(request.uri)
    is_behind_nat = is_literal(asked.host) and asked.host != hop.host
    contacts = response.contacts
    dialog = Dialog(
        call_id=request.call_id,
        local=request.headers.get("From") or "",
        remote=response.headers.get("To") or "",
        local_tag=request.from_.tag,
        remote_tag=response.to.tag,
        remote_target=contacts[0].uri if contacts else request.uri,
        route_set=tuple(reversed(response.headers.values("Record-Route"))),
        hop=hop,
        keeps_hop=is_behind_nat,
        local_cseq=request.cseq.number,
    )
    dialog.find_hop()
    return dialog


def hop_of_uri(uri: Uri, current: Hop) -> Hop:
    """The hop that a URI names; a URI with a name instead of an address keeps the current one."""
    if not is_literal(uri.host):
        return current
    said = (uri.params.get("transport") or "").upper()
    transport = current.transport if said not in Transport.__members__ else Transport[said]
    port = uri.port or 5060
    if (transport, uri.host, port) == (current.transport, current.host, current.port):
        return current
    if transport is current.transport and transport.is_reliable and uri.host == current.host:
        return current  # the stream that exists serves (RFC 3261 §18)
    return Hop(transport, uri.host, port)


def is_literal(host: str) -> bool:
    """True for an IP address."""
    if host[-1:].isdigit() or ":" in host:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True
    return False


def _target(request: Request) -> str:
    contacts = request.contacts
    if len(contacts) != 1 or contacts[0].uri == "*":
        raise RemoteProtocolError("an INVITE has one Contact", section="RFC 3261 §8.1.1.8")
    target = contacts[0].uri
    return format_uri(replace(parse_uri(target), headers="")) if "?" in target else target


def _tagged(value: str, tag: str) -> str:
    return f"{value};tag={tag}"
