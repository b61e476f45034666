"""An INVITE without its final response, as far as it takes to end it after the process was cut.

PURE. An INVITE of ours is withdrawn by a CANCEL of the same branch (RFC 3261 §9.1), so that no
telephone rings on for a call that is gone; one that came is refused, so that its caller stops
hearing ringback (§13.3.1.3). What arrives for their transactions afterwards finds them again.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors import RemoteProtocolError
from appliance.sip.dialog import listener_of
from appliance.sip.events import Hop
from appliance.sip.headers import parse_name_addr
from appliance.sip.invite_client import InviteClient
from appliance.sip.message import Request, respond
from appliance.sip.server_transactions import key_of_request
from appliance.sip.session import Core, Session, State
from appliance.sip.uri import parse_uri

_CUT = 503


@dataclass(frozen=True, slots=True)
class UnfinishedInvite:
    """request: the INVITE with its Via; hop: where it went, or where its responses go; local_tag:
    ours, of From or To; is_ours: we sent it."""

    request: Request
    hop: Hop
    local_tag: str
    is_ours: bool


class UnfinishedInvites:
    """Tells what is unfinished now, and ends what an earlier run left so."""

    def __init__(self, core: Core, calls: InviteClient) -> None:
        self._core = core
        self._calls = calls

    def of(self, session: Session) -> UnfinishedInvite | None:
        """What a session would leave behind now; None when it was answered or withdrawn."""
        tag = session.key[1]
        client, server = session.client, session.server
        if session.state is State.CALLING and client is not None and not session.is_cancelled:
            return UnfinishedInvite(client.request, client.hop, tag, True)
        if session.state is State.CALLED and server is not None:
            return UnfinishedInvite(server.request, server.reply_to, tag, False)
        return None

    def end(self, left: UnfinishedInvite, reason: str, now: float) -> int:
        """Withdraw or refuse it; reason: a Reason header value (RFC 3326, RFC 6432) or empty.

        The number of the session that SessionFailed names if the far end stays silent; else 0.
        """
        if left.is_ours:
            hop = _way_back(left.request, left.hop)
            calls = self._calls
            return calls.withdraw_left(left.request, hop, left.local_tag, reason, now).number
        self._refuse(left, reason, now)
        return 0

    def _refuse(self, left: UnfinishedInvite, reason: str, now: float) -> None:
        """503 by the transaction that the caller still has (§17.2.1); repeated until its ACK."""
        request, hop = left.request, left.hop
        if hop.transport.is_reliable:  # the caller's stream went with the process (§18.2.2)
            hop = Hop(hop.transport, hop.host, request.via.port or 5060)
        servers = self._core.servers
        server = servers.begin(request, key_of_request(request), hop)
        fields = (("Reason", reason),) if reason else ()
        servers.respond(server, respond(request, _CUT, "", fields, b"", left.local_tag), now)


def _way_back(request: Request, hop: Hop) -> Hop:
    """Where the CANCEL goes: the hop of the INVITE (§9.1); where its stream is lost, a listener."""
    routes = request.headers.values("Route")
    try:
        next_uri = parse_uri(parse_name_addr(routes[0]).uri if routes else request.uri)
    except RemoteProtocolError:
        return hop
    return listener_of(next_uri, hop)
