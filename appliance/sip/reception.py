"""Requests as they come: which are refused at the door, and who takes the others.

PURE. RFC 3261 §8.2 (method, Require, merged requests), §12.2.2 (dialogs), §9.2 (CANCEL), §11
(OPTIONS inside a dialog), RFC 6086 (INFO). Responses to refused requests are built here.
"""

from __future__ import annotations

from appliance.errors import RemoteProtocolError
from appliance.sip.check import check_request
from appliance.sip.events import Dropped, EndCause, Hop, InfoReceived, RequestReceived
from appliance.sip.invite_server import InviteServer
from appliance.sip.message import Request, respond, sdp_body
from appliance.sip.offers import Offers
from appliance.sip.server_transactions import Server, note_source, reply_hop
from appliance.sip.session import ALLOW, Core, Session, State, close_session, end_session

_METHODS = frozenset(ALLOW.split(", "))
_KNOWN_ELSEWHERE = frozenset({"SUBSCRIBE", "NOTIFY", "REFER", "PUBLISH"})
_EXTENSIONS = frozenset({"100rel", "timer"})
_REFUSED_WITH = {
    405: (("Allow", ALLOW),),
    415: (("Accept", "application/sdp"),),
    501: (("Allow", ALLOW),),
}
Fields = tuple[tuple[str, str], ...]


class Reception:
    """Takes requests in."""

    def __init__(self, core: Core, invites: InviteServer, offers: Offers) -> None:
        self._core = core
        self._invites = invites
        self._offers = offers

    def receive(self, request: Request, source: Hop, now: float) -> None:
        """One request; refused ones are answered, those that cannot be are dropped."""
        try:
            note_source(request, source)
            if self._core.servers.absorb(request, now):
                return
        except RemoteProtocolError as error:
            self._core.emit(Dropped(source, str(error)))
            return
        if request.method == "ACK":
            self._on_ack(request)
            return
        try:
            check_request(request)
        except RemoteProtocolError as error:
            self.refuse_malformed(request, source, error, now)
            return
        self._take(request, source, now)

    def refuse_malformed(
        self, request: Request, source: Hop, error: RemoteProtocolError, now: float
    ) -> None:
        """Answer without a transaction what can be answered; an ACK never (§17.1.1.3)."""
        self._core.emit(Dropped(source, f"{request.method}: {error}"))
        try:
            _ = request.from_, request.to, request.call_id, request.cseq, request.via
        except RemoteProtocolError:
            if not all(request.headers.get(n) for n in ("Via", "From", "To", "Call-ID", "CSeq")):
                return
        if request.method == "ACK":
            return
        tag = self._core.ids.token(64)
        response = respond(request, error.status, "", _fields(error.status), b"", tag)
        try:
            hop = reply_hop(request, source)
        except RemoteProtocolError:
            hop = source
        self._core.clients.send_stateless(response, hop)

    # ---- a good request

    def _take(self, request: Request, source: Hop, now: float) -> None:
        core = self._core
        if request.method == "CANCEL":
            self._on_cancel(request, source, now)
            return
        if core.servers.is_merged(request) or core.clients.is_own(request):
            status: int = 482
        else:
            status = _refusal(request)
        server = core.servers.begin(request, source)
        if status:
            self._refuse(server, status, now)
        elif request.to.tag:
            self._in_dialog(server, source, now)
        elif request.method == "INVITE":
            self._on_invite(server, source, now)
        elif request.method in ("BYE", "PRACK", "UPDATE", "INFO"):
            self._refuse(server, 481, now)
        else:
            core.emit(RequestReceived(server.number, request, source))

    def _on_invite(self, server: Server, source: Hop, now: float) -> None:
        request = server.request
        if request.body and not sdp_body(request):
            self._refuse(server, 415, now)
            return
        try:
            self._invites.receive(server, source, now)
        except RemoteProtocolError as error:
            self._refuse(server, error.status, now)

    def _on_cancel(self, request: Request, source: Hop, now: float) -> None:
        core = self._core
        invite = core.servers.cancelled(request)
        server = core.servers.begin(request, source)
        if invite is None:
            self._refuse(server, 481, now)
            return
        session = core.by_server.get(invite.number)
        tag = session.key[1] if session is not None else core.ids.token(64)
        core.servers.respond(server, respond(request, 200, "", (), b"", tag), now)
        if session is not None:
            self._invites.on_cancel(session, request, now)

    def _on_ack(self, request: Request) -> None:
        """The ACK to a 2xx; a stray one is nobody's."""
        try:
            session = self._invites.on_ack(request)
            if session is not None and not self._offers.on_ack(session, sdp_body(request)):
                self._invites.confirm(session, sdp_body(request))
        except RemoteProtocolError:
            return

    # ---- inside a dialog

    def _in_dialog(self, server: Server, source: Hop, now: float) -> None:
        core = self._core
        request = server.request
        session = core.by_tag.get((request.call_id, request.to.tag))
        dialog = session.dialog if session is not None else None
        if session is None or dialog is None:
            if request.method == "OPTIONS":
                core.emit(RequestReceived(server.number, request, source))
            else:
                self._refuse(server, 481, now)
            return
        if request.method != "PRACK" and not dialog.is_in_order(request.cseq.number):
            self._refuse(server, 500, now)
            return
        match request.method:
            case "BYE":
                self._on_bye(session, server, now)
            case "INVITE" | "UPDATE":
                self._offers.receive(session, server, now)
            case "PRACK":
                self._invites.on_prack(session, server, now)
            case "INFO":
                self._accept(server, now)
                kind = request.content_type
                core.emit(InfoReceived(session.number, kind, request.body))
            case "OPTIONS":
                headers = (("Allow", ALLOW), ("Accept", "application/sdp"))
                core.servers.respond(server, respond(request, 200, "", headers), now)
            case _:
                core.emit(RequestReceived(server.number, request, source))

    def _on_bye(self, session: Session, server: Server, now: float) -> None:
        self._accept(server, now)
        if session.state is State.CALLED:
            self._invites.on_early_bye(session, now)
        elif session.state is State.CONFIRMED:
            self._offers.reject_offer(session, 487, now)
            reason = server.request.headers.get("Reason") or ""
            end_session(self._core, session, EndCause.BYE, is_remote=True, reason=reason)
        else:
            close_session(self._core, session)

    def _accept(self, server: Server, now: float) -> None:
        self._core.servers.respond(server, respond(server.request, 200), now)

    def _refuse(self, server: Server, status: int, now: float) -> None:
        request = server.request
        headers = _fields(status)
        if status == 420:
            unknown = sorted((request.require | request.proxy_require) - _EXTENSIONS)
            headers = (("Unsupported", ", ".join(unknown)),)
        if status == 422:
            headers = (("Min-SE", str(self._core.config.min_se_s)),)
        tag = self._core.ids.token(64)
        response = respond(request, status, "", headers, b"", tag)
        self._core.servers.respond(server, response, now)


def _refusal(request: Request) -> int:
    """The status that refuses a request by its method or its extensions, or 0."""
    if request.method not in _METHODS:
        return 405 if request.method in _KNOWN_ELSEWHERE else 501
    if request.max_forwards == 0:
        return 483
    if (request.require | request.proxy_require) - _EXTENSIONS:
        return 420
    return 0


def _fields(status: int) -> Fields:
    return _REFUSED_WITH.get(status, ())
