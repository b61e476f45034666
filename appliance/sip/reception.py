"""Requests as they come: which are refused at the door, and who takes the others.

PURE. RFC 3261 §8.2 (method, Require, merged requests), §12.2.2 (dialogs), §9.2 (CANCEL), §11
(OPTIONS inside a dialog), RFC 6086 (INFO). Responses to refused requests are built here.
"""

from __future__ import annotations

from appliance.errors import RemoteProtocolError
from appliance.sip.body import sdp_body
from appliance.sip.check import check_request
from appliance.sip.dialog import Dialog
from appliance.sip.events import Dropped, EndCause, Hop, InfoReceived, RequestReceived
from appliance.sip.invite_client import InviteClient
from appliance.sip.invite_server import InviteServer
from appliance.sip.message import Request, respond
from appliance.sip.offers import Offers
from appliance.sip.server_transactions import (
    Key,
    Server,
    key_of_request,
    note_source,
    reply_hop,
)
from appliance.sip.session import ALLOW, SUPPORTED, Core, Session, State, end_session

_METHODS = frozenset(ALLOW.split(", "))
_KNOWN_ELSEWHERE = frozenset({"NOTIFY", "REFER", "PUBLISH"})
_EXTENSIONS = frozenset({"100rel", "replaces", "timer"})
_IN_DIALOG = frozenset({"BYE", "PRACK", "UPDATE", "INFO"})
_ABOUT_US = (("Allow", ALLOW), ("Accept", "application/sdp"), ("Supported", SUPPORTED))
_REFUSED_WITH = {
    405: (("Allow", ALLOW),),
    415: (("Accept", "application/sdp"), ("Accept-Encoding", "identity")),
    501: (("Allow", ALLOW),),
}
Fields = tuple[tuple[str, str], ...]


class Reception:
    """Takes requests in."""

    def __init__(
        self, core: Core, calls: InviteClient, invites: InviteServer, offers: Offers
    ) -> None:
        self._core = core
        self._calls = calls
        self._invites = invites
        self._offers = offers

    def receive(self, request: Request, source: Hop, now: float) -> None:
        """One request; refused ones are answered, those that cannot be are dropped."""
        try:
            note_source(request, source)
            key = key_of_request(request)
            if self._core.servers.absorb(request, key, now):
                return
            if request.method == "ACK":
                self._on_ack(request, now)
                return
            check_request(request)
        except RemoteProtocolError as error:
            self.refuse_malformed(request, source, error, now)
            return
        self._take(request, key, source, now)

    def refuse_malformed(
        self, request: Request, source: Hop, error: RemoteProtocolError, now: float
    ) -> None:
        """Answer without a transaction what can be answered; an ACK never (§17.1.1.3)."""
        self._core.emit(Dropped(source, f"{request.method}: {error}"))
        if request.method == "ACK" or not request.headers.get("Via"):
            return
        tag = self._core.ids.token(64)
        response = respond(request, error.status, "", _fields(error.status), b"", tag)
        try:
            hop = reply_hop(request, source)
        except RemoteProtocolError:
            hop = source
        self._core.clients.send_stateless(response, hop)

    # ---- a good request

    def _take(self, request: Request, key: Key, source: Hop, now: float) -> None:
        core = self._core
        servers = core.servers
        if request.method == "CANCEL":
            self._on_cancel(request, key, source, now)
            return
        status = _refusal(request, core.config.takes_notify)
        has_dialog = bool(request.to.tag)
        if not has_dialog and (servers.is_merged(request, key) or core.clients.is_own(request)):
            status = 482
        server = servers.begin(request, key, source)
        if status:
            self._refuse(server, status, now)
        elif has_dialog:
            self._in_dialog(server, source, now)
        elif request.method == "INVITE":
            self._on_invite(server, source, now)
        elif request.method in _IN_DIALOG:
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

    def _on_cancel(self, request: Request, key: Key, source: Hop, now: float) -> None:
        core = self._core
        invite = core.servers.cancelled(request)
        server = core.servers.begin(request, key, source)
        if invite is None:
            self._refuse(server, 481, now)
            return
        session = core.by_server.get(invite.number)
        tag = session.key[1] if session is not None else core.ids.token(64)
        core.servers.respond(server, respond(request, 200, "", (), b"", tag), now)
        if session is not None:
            self._invites.on_withdrawn(session, request.headers.get("Reason") or "", now)
            return
        session = core.by_tag.get((request.call_id, request.to.tag))
        if session is not None and session.offered is invite:
            self._offers.reject_offer(session, 487, now)

    def _on_ack(self, request: Request, now: float) -> None:
        """The ACK to a 2xx; a stray one is nobody's."""
        session = self._invites.on_ack(request)
        if session is None:
            return
        if session.state is State.LEAVING:
            self._invites.hang_up(session, session.bye_reason, now)
        elif not session.is_acknowledged:
            self._invites.confirm(session, sdp_body(request))
            self._offers.offer_held(session, now)
        else:
            self._offers.on_ack(session, sdp_body(request), now)

    # ---- inside a dialog

    def _in_dialog(self, server: Server, source: Hop, now: float) -> None:
        core = self._core
        request = server.request
        method = request.method
        session = core.by_tag.get((request.call_id, request.to.tag))
        dialog = session.dialog_with(request.from_.tag) if session is not None else None
        if session is None or dialog is None or not _is_welcome(session, method):
            if method in _IN_DIALOG or method == "INVITE":
                self._refuse(server, 481, now)
            else:
                core.emit(RequestReceived(server.number, request, source))
        elif method == "PRACK":
            self._invites.on_prack(session, server, now)
        elif not dialog.is_in_order(request.cseq.number):
            self._refuse(server, 500, now)
        else:
            dialog.hear_from(source)
            self._in_order(session, dialog, server, source, now)

    def _in_order(
        self, session: Session, dialog: Dialog, server: Server, source: Hop, now: float
    ) -> None:
        core = self._core
        request = server.request
        method = request.method
        if method == "BYE":
            self._on_bye(session, server, now)
        elif method in ("INVITE", "UPDATE"):
            self._offers.receive(session, dialog, server, now)
        elif method == "INFO":
            self._accept(server, now)
            core.emit(InfoReceived(session.number, request.content_type, request.body))
        elif method == "OPTIONS":
            core.servers.respond(server, respond(request, 200, "", _ABOUT_US), now)
        else:
            core.emit(RequestReceived(server.number, request, source))

    def _on_bye(self, session: Session, server: Server, now: float) -> None:
        reason = server.request.headers.get("Reason") or ""
        self._accept(server, now)
        if session.state is State.CALLED:
            self._invites.on_withdrawn(session, reason, now)
        elif session.state is State.CALLING:
            self._calls.on_early_bye(session, now)
        else:
            end_session(self._core, session, EndCause.BYE, now, is_remote=True, reason=reason)

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


def _refusal(request: Request, takes_notify: bool) -> int:
    """The status that refuses a request by its method or its extensions, or 0."""
    is_notify = request.method == "NOTIFY" and takes_notify
    if request.method not in _METHODS and not is_notify:
        return 405 if request.method in _KNOWN_ELSEWHERE else 501
    if request.max_forwards == 0 and not request.to.tag:
        return 483
    if request.method != "INVITE" and "Replaces" in request.headers:
        return 400  # RFC 3891 §3
    if not (request.require <= _EXTENSIONS and request.proxy_require <= _EXTENSIONS):
        return 420
    if request.headers.get("Content-Encoding") not in (None, "", "identity"):
        return 415
    return 0


def _is_welcome(session: Session, method: str) -> bool:
    """False for what comes while we only wait for the ACK before our BYE."""
    return session.state is not State.LEAVING or method == "BYE"


def _fields(status: int) -> Fields:
    return _REFUSED_WITH.get(status, ())
