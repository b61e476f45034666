"""One INVITE usage: what both roles of a session share.

PURE. A Session is the record of one call between us and a far end; Core is what every part of the
endpoint works with. invite_client.py begins sessions, invite_server.py receives them, offers.py
renegotiates, refresh.py keeps their timers (RFC 4028), endpoint.py is the door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from appliance.sip.client_transactions import Client, Clients, ClientUser
from appliance.sip.credentials import Proof
from appliance.sip.dialog import Dialog
from appliance.sip.events import EndCause, Event, Hop, SessionEnded
from appliance.sip.ids import Ids
from appliance.sip.message import Request, Response, respond
from appliance.sip.server_transactions import Server, Servers
from appliance.sip.session_timer import Interval
from appliance.sip.timers import Alarm, TimerQueue, TimerValues, cancel
from appliance.sip.wire import Wire

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, MESSAGE, REGISTER, SUBSCRIBE"
SUPPORTED = "100rel, replaces, timer"
SDP = "application/sdp"


class State(Enum):
    __hash__ = object.__hash__

    CALLING = auto()  # our INVITE is out
    CALLED = auto()  # an INVITE came, not answered finally
    CONFIRMED = auto()  # 2xx
    LEAVING = auto()  # we hung up, but the BYE waits for the ACK to our 2xx (RFC 3261 §15)
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """What the endpoint is told once. local_address: our host and SIP port towards a hop;
    takes_notify: NOTIFY outside of dialogs is told (RequestReceived), as a phone needs it."""

    user_agent: str
    local_address: Callable[[Hop], tuple[str, int]]
    session_expires_s: int = 1800
    min_se_s: int = 90
    timers: TimerValues = field(default_factory=TimerValues)
    takes_notify: bool = False


def _nothing(session: Session, now: float) -> None:
    """Until offers.py listens."""


@dataclass(slots=True)
class Core:
    """The parts of an endpoint, shared by its files."""

    config: EndpointConfig
    ids: Ids
    wire: Wire
    timers: TimerQueue
    clients: Clients
    servers: Servers
    emit: Callable[[Event], None]
    sessions: dict[int, Session] = field(default_factory=dict)
    by_tag: dict[tuple[str, str], Session] = field(default_factory=dict)  # Call-ID, our tag
    by_server: dict[int, Session] = field(default_factory=dict)  # INVITE server transaction
    by_ack: dict[tuple[str, str, int], Session] = field(default_factory=dict)
    last_session: int = 0
    on_refresh_due: Callable[[Session, float], None] = _nothing
    on_expired: Callable[[Session, float], None] = _nothing

    def new_session(self, state: State) -> Session:
        self.last_session += 1
        session = Session(self.last_session, state)
        self.sessions[session.number] = session
        return session


@dataclass(slots=True, eq=False)
class Session:
    """One call leg in SIP. key: (Call-ID, our tag); body: what we described last.

    offering: our re-INVITE; refreshing: our re-INVITE or UPDATE that only says that the call
    stands; offered: theirs, which waits for accept_offer or reject_offer.
    """

    number: int
    state: State
    key: tuple[str, str] = ("", "")
    dialog: Dialog | None = None
    body: bytes = b""
    proof: Proof | None = None
    peer_allows: list[str] = field(default_factory=list)  # Allow as it stands
    # as a client
    client: Client | None = None
    early: dict[str, Dialog] = field(default_factory=dict)
    reliable_seen: dict[str, int] = field(default_factory=dict)  # far tag -> RSeq
    is_cancelled: bool = False
    has_cancel_sent: bool = False
    cancel_reason: str = ""
    is_left: bool = False  # of an earlier run; the far end has said nothing yet
    # as a server
    server: Server | None = None
    rseq: int = 0
    has_early_answer: bool = False  # a reliable provisional carried an answer (either role)
    unacknowledged: list[Response] = field(default_factory=list)  # reliable provisionals, in order
    held_answer: bytes | None = None  # our 2xx waits for a PRACK (RFC 3262 §3)
    repetition: Alarm | None = None
    repetition_s: float = 0.0
    give_up: Alarm | None = None
    # our 2xx to an INVITE or re-INVITE
    ack_key: tuple[str, str, int] | None = None  # where by_ack keeps it until the ACK
    is_acknowledged: bool = False
    has_asked_offer: bool = False  # it carries our offer: the answer comes in the ACK
    held_offer: bytes | None = None  # what we offer as soon as the ACK came (§14.1)
    bye_reason: str = ""
    # renegotiation
    offering: Client | None = None
    refreshing: Client | None = None
    offered: Server | None = None
    retry: Alarm | None = None
    retries: int = 0
    # session timer
    interval: Interval | None = None
    refresh: Alarm | None = None

    @property
    def far_tag(self) -> str:
        return self.dialog.remote_tag if self.dialog is not None else ""

    @property
    def knows_update(self) -> bool:
        """True when the far end said that it takes UPDATE (RFC 3311 §4)."""
        methods = ",".join(self.peer_allows).upper().replace(" ", "").split(",")
        return "UPDATE" in methods

    @property
    def is_renegotiating(self) -> bool:
        """True while an offer of either side, or its repetition after glare, is pending."""
        if self.offering is not None or self.offered is not None:
            return True
        return self.retry is not None and self.retry.is_set

    def conflict(self, is_invite: bool) -> int:
        """The status that refuses an offer which crosses another (RFC 3261 §14.2, RFC 3311 §5.2).

        Before the 2xx only an UPDATE may offer, after a reliable provisional has answered.
        """
        is_too_early = is_invite or not self.has_early_answer
        if self.offered is not None or (self.state is State.CALLED and is_too_early):
            return 500
        if self.offering is not None or (self.state is State.CALLING and is_too_early):
            return 491
        return 491 if self.ack_key is not None and self.has_asked_offer else 0

    def dialog_with(self, far_tag: str) -> Dialog | None:
        """The dialog, early or confirmed, with this far end."""
        if self.dialog is not None and self.dialog.remote_tag == far_tag:
            return self.dialog
        return self.early.get(far_tag)


def send_in_dialog(
    core: Core, session: Session, request: Request, user: ClientUser, now: float
) -> Client:
    """Send a request of a session's established or early dialog."""
    assert session.dialog is not None
    return send_by(core, session, session.dialog, request, user, now)


def send_by(
    core: Core, session: Session, dialog: Dialog, request: Request, user: ClientUser, now: float
) -> Client:
    """Send a request of one of the dialogs that a session's INVITE has made."""
    request.headers.add("User-Agent", core.config.user_agent)
    if session.proof is not None:
        session.proof.put_on(request, dialog.hop, core.ids)
    client = core.clients.send(request, dialog.hop, user, now, session)
    client.dialog = dialog
    return client


def end_session(
    core: Core, session: Session, cause: EndCause, now: float, *, is_remote: bool, reason: str = ""
) -> None:
    """The session is over: tell the shell once, unless it was the shell that hung up."""
    if session.state is State.CONFIRMED:
        close_session(core, session, now)
        core.emit(SessionEnded(session.number, cause, is_remote, reason))
    elif session.state is not State.ENDED:
        close_session(core, session, now)


def leave_session(core: Core, session: Session, now: float) -> None:
    """Nothing of the session matters any more but the ACK that its BYE waits for."""
    session.state = State.LEAVING
    session.client = None  # which knows the session: nothing shall be kept by a circle
    _finish_offers(core, session, now)
    cancel(session.refresh)
    core.sessions.pop(session.number, None)


def close_session(core: Core, session: Session, now: float) -> None:
    """Stop every clock of a session and forget how to find it."""
    session.state = State.ENDED
    session.client = None
    _finish_offers(core, session, now)
    cancel(session.repetition)
    cancel(session.give_up)
    cancel(session.refresh)
    core.sessions.pop(session.number, None)
    core.by_tag.pop(session.key, None)
    if session.ack_key is not None:
        core.by_ack.pop(session.ack_key, None)
    if session.server is not None:
        core.by_server.pop(session.server.number, None)
        core.servers.settled(session.server)


def _finish_offers(core: Core, session: Session, now: float) -> None:
    """Refuse their offer that waits; give ours no longer than a transaction's time."""
    cancel(session.retry)
    offered, session.offered = session.offered, None
    if offered is not None and offered.is_open:
        core.servers.respond(offered, respond(offered.request, 487), now)
    for client in (session.offering, session.refreshing):
        if client is not None:
            core.clients.limit(client, now)
