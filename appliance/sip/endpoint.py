"""The door of the SIP core: octets in, octets out, events up, requests down, and one clock.

PURE. ``receive`` and ``handle_timeout`` take the time; ``datagrams_to_send``, ``next_event`` and
``next_timeout`` are asked until they are empty. Who calls it is net/sip_traffic.py; what its events
mean is events.py. RFC 3261 §17–18, and the RFCs of the files behind it.
"""

from __future__ import annotations

from collections import deque

from appliance.errors import RemoteProtocolError
from appliance.sip.check import check_response
from appliance.sip.client_transactions import Clients
from appliance.sip.dialog import Dialog
from appliance.sip.dialog_requests import DialogRequests
from appliance.sip.events import (
    Credentials,
    Dropped,
    Event,
    Hop,
    Invitation,
    Outgoing,
    PlainRequest,
)
from appliance.sip.ids import Ids
from appliance.sip.invite_client import InviteClient
from appliance.sip.invite_server import Fields, InviteServer
from appliance.sip.message import MalformedMessage, Request, Response, parse_message, respond
from appliance.sip.offers import Offers
from appliance.sip.plain_requests import PlainRequests
from appliance.sip.reception import Reception
from appliance.sip.server_transactions import Servers
from appliance.sip.session import (
    ALLOW,
    SUPPORTED,
    Core,
    EndpointConfig,
    Session,
    State,
)
from appliance.sip.timers import TimerQueue
from appliance.sip.unfinished_invite import UnfinishedInvite, UnfinishedInvites
from appliance.sip.wire import Wire

__all__ = ["Endpoint", "EndpointConfig"]


class Endpoint:
    """A SIP user agent server and client without sockets."""

    def __init__(self, config: EndpointConfig, ids: Ids) -> None:
        self._events: deque[Event] = deque()
        wire = Wire(config.local_address)
        timers = TimerQueue()
        self._core = Core(
            config=config,
            ids=ids,
            wire=wire,
            timers=timers,
            clients=Clients(wire, timers, config.timers, ids),
            servers=Servers(wire, timers, config.timers),
            emit=self._events.append,
        )
        self._requests = DialogRequests(self._core)
        self._calls = InviteClient(self._core, self._requests)
        self._invites = InviteServer(self._core, self._requests)
        self._offers = Offers(self._core, self._calls, self._invites, self._requests)
        self._plain = PlainRequests(self._core)
        self._unfinished = UnfinishedInvites(self._core, self._calls)
        self._reception = Reception(self._core, self._calls, self._invites, self._offers)

    # ---- the network's side

    def receive(self, data: bytes, source: Hop, now: float) -> None:
        """One message, whole. Whatever it is, nothing is raised; see Dropped."""
        try:
            message = parse_message(data)
        except MalformedMessage as malformed:
            if malformed.message is not None:
                self._reception.refuse_malformed(malformed.message, source, malformed, now)
            else:
                self._events.append(Dropped(source, str(malformed)))
            return
        except RemoteProtocolError as error:
            self._events.append(Dropped(source, str(error)))
            return
        if isinstance(message, Request):
            self._reception.receive(message, source, now)
        else:
            self._receive_response(message, source, now)

    def _receive_response(self, response: Response, source: Hop, now: float) -> None:
        try:
            check_response(response)
            is_ours = self._core.clients.on_response(response, source, now)
        except RemoteProtocolError as error:
            self._events.append(Dropped(source, str(error)))
            return
        if not is_ours:
            self._events.append(Dropped(source, f"stray response {response.status}"))

    def datagrams_to_send(self) -> list[Outgoing]:
        """What has to leave, in order; taken by this call."""
        return self._core.wire.take()

    def transport_failed(self, hop: Hop, now: float) -> None:
        """Nothing can be sent to this hop (ICMP, refused connection, a stream that is lost)."""
        if hop.connection:
            self._core.servers.stream_lost(hop)
        self._core.clients.transport_failed(hop, now)

    def next_event(self) -> Event | None:
        """The next thing that happened, or None."""
        return self._events.popleft() if self._events else None

    def next_timeout(self) -> float | None:
        """When handle_timeout wants to be called, on the clock of ``now``."""
        return self._core.timers.next()

    def handle_timeout(self, now: float) -> None:
        """Act on every timer that is due."""
        self._core.timers.fire(now)

    # ---- calls that came

    def trying(self, session: int, now: float) -> None:
        """Say 100 at once."""
        if (known := self._session(session)) is not None:
            self._invites.trying(known, now)

    def provisional(self, session: int, status: int, body: bytes = b"", *, now: float) -> None:
        """Say 101-199, with early media's description or without."""
        if (known := self._session(session)) is not None:
            self._invites.provisional(known, status, body, now)

    def answer(self, session: int, body: bytes, now: float) -> None:
        """Say 200 with our answer, or our offer where the INVITE had none."""
        if (known := self._session(session)) is not None:
            self._invites.answer(known, body, now)

    def reject(
        self, session: int, status: int, reason: str = "", headers: Fields = (), *, now: float
    ) -> None:
        """Refuse a call that was not answered: 3xx-6xx."""
        if (known := self._session(session)) is not None:
            self._invites.reject(known, status, reason, headers, now)

    # ---- calls that we make

    def invite(self, invitation: Invitation, now: float) -> int:
        """Call somebody; returns the session's number."""
        return self._calls.invite(invitation, now).number

    def cancel(self, session: int, reason: str, now: float) -> None:
        """Withdraw a call of ours that was not answered; reason: a Reason header value or empty."""
        if (known := self._session(session)) is not None:
            self._calls.cancel(known, reason, now)

    # ---- calls that stand

    def bye(self, session: int, reason: str, now: float) -> None:
        """Hang up. No event follows: the session is over for the shell."""
        known = self._session(session)
        if known is None:
            return
        if known.state is State.CONFIRMED:
            self._invites.hang_up(known, reason, now)
        elif known.held_answer is not None:  # it waits for a PRACK, and shall not be sent any more
            self._invites.reject(known, 480, "", (), now)

    def offer(self, session: int, body: bytes, now: float) -> None:
        """Offer other media by re-INVITE; OfferAnswered or OfferRefused follows."""
        if (known := self._session(session)) is not None:
            self._offers.offer(known, body, now)

    def accept_offer(self, session: int, body: bytes, now: float) -> None:
        """Answer OfferReceived."""
        if (known := self._session(session)) is not None:
            self._offers.accept_offer(known, body, now)

    def reject_offer(self, session: int, status: int, now: float) -> None:
        """Refuse OfferReceived."""
        if (known := self._session(session)) is not None:
            self._offers.reject_offer(known, status, now)

    def info(self, session: int, content_type: str, body: bytes, now: float) -> None:
        """Send INFO (RFC 6086); its answer changes nothing."""
        known = self._session(session)
        if known is not None and known.state is State.CONFIRMED:
            self._requests.info(known, content_type, body, now)

    def dialog_of(self, session: int) -> Dialog | None:
        """The dialog of a call that stands (for who keeps it on disk), or None."""
        known = self._session(session)
        if known is None or known.state is not State.CONFIRMED:
            return None
        return known.dialog

    def unfinished_of(self, session: int) -> UnfinishedInvite | None:
        """The INVITE of a call that was not answered (for who keeps it on disk), or None."""
        known = self._session(session)
        return self._unfinished.of(known) if known is not None else None

    # ---- outside of calls

    def farewell(
        self, dialog: Dialog, reason: str, credentials: Credentials | None, now: float
    ) -> int:
        """Say BYE in a dialog of an earlier run; ResponseReceived or RequestFailed follows.

        reason: a Reason header value (RFC 3326) or empty.
        """
        return self._plain.farewell(dialog, reason, credentials, now)

    def end_unfinished(self, left: UnfinishedInvite, reason: str, now: float) -> int:
        """Withdraw or refuse an INVITE of an earlier run; SessionFailed names the returned session
        if nobody answers the CANCEL, no other event follows. reason: as above."""
        return self._unfinished.end(left, reason, now)

    def request_in_dialog(
        self, dialog: Dialog, request: Request, credentials: Credentials | None, now: float
    ) -> int:
        """Send a request of a dialog that is no call's; ResponseReceived or RequestFailed follows.

        request: made by ``dialog.request``; its Contact and body are the shell's.
        """
        return self._plain.send_in_dialog(dialog, request, credentials, now)

    def request(self, plain: PlainRequest, now: float) -> int:
        """Send a request outside any dialog; ResponseReceived or RequestFailed follows."""
        return self._plain.send(plain, now)

    def respond(
        self,
        transaction: int,
        status: int,
        reason: str = "",
        headers: Fields = (),
        body: bytes = b"",
        *,
        tag: str = "",
        now: float,
    ) -> None:
        """Answer RequestReceived. tag: of To, where a request in the same dialog is to follow."""
        server = self._core.servers.by_number(transaction)
        if server is None or not server.is_open:
            return
        fields = list(headers)
        if server.request.method == "OPTIONS" or status == 405:
            fields += [("Allow", ALLOW), ("Supported", SUPPORTED)]
        fields.append(("Server", self._core.config.user_agent))
        tag = tag or self._core.ids.token(64)
        response = respond(server.request, status, reason, fields, body, tag)
        self._core.servers.respond(server, response, now)

    def ignore(self, transaction: int) -> None:
        """Leave RequestReceived without an answer: whoever sent it shall learn nothing of us."""
        server = self._core.servers.by_number(transaction)
        if server is not None and server.is_open:
            self._core.servers.forget(server)

    def session_of(self, call_id: str, local_tag: str, remote_tag: str) -> int:
        """The session that has this dialog, early or confirmed; 0 = none."""
        session = self._core.by_tag.get((call_id, local_tag))
        if session is None or session.dialog_with(remote_tag) is None:
            return 0
        return session.number

    # ---- what is alive, for those who look for leaks

    @property
    def sessions_alive(self) -> int:
        return len(self._core.sessions) + len(self._core.by_ack)

    @property
    def transactions_alive(self) -> int:
        return len(self._core.clients) + len(self._core.servers) + len(self._plain)

    @property
    def byes_unanswered(self) -> int:
        return self._core.clients.unanswered("BYE")

    def _session(self, number: int) -> Session | None:
        return self._core.sessions.get(number)
