"""One INVITE usage: what both roles of a session share.

PURE. A Session is the record of one call between us and a far end; Core is what every part of the
endpoint works with. invite_client.py begins sessions, invite_server.py receives them, offers.py
renegotiates, refresh.py keeps their timers (RFC 4028), endpoint.py is the door.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from appliance.sip.client_transactions import Client, Clients
from appliance.sip.credentials import Proof
from appliance.sip.dialog import Dialog
from appliance.sip.events import EndCause, Event, Hop, Outgoing, SessionEnded
from appliance.sip.ids import Ids
from appliance.sip.message import Request, Response
from appliance.sip.server_transactions import Server, Servers
from appliance.sip.session_timer import Interval
from appliance.sip.timers import Alarm, TimerQueue, TimerValues, cancel
from appliance.sip.wire import Wire

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, MESSAGE, REGISTER"
SUPPORTED = "100rel, timer"
SDP = "application/sdp"


class State(Enum):
    CALLING = auto()  # our INVITE is out
    CALLED = auto()  # an INVITE came, not answered finally
    CONFIRMED = auto()  # 2xx
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """What the endpoint is told once. local_address: our host and SIP port towards a hop."""

    user_agent: str
    local_address: Callable[[Hop], tuple[str, int]]
    session_expires_s: int = 1800
    min_se_s: int = 90
    timers: TimerValues = field(default_factory=TimerValues)


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

    acks: our ACKs to 2xx by (far tag, CSeq), for repetition. offering: our re-INVITE or UPDATE;
    offered: theirs, which waits for accept_offer or reject_offer.
    """

    number: int
    state: State
    key: tuple[str, str] = ("", "")
    dialog: Dialog | None = None
    body: bytes = b""
    proof: Proof | None = None
    peer_allows: frozenset[str] = frozenset()
    # as a client
    client: Client | None = None
    early: dict[str, Dialog] = field(default_factory=dict)
    reliable_seen: dict[str, int] = field(default_factory=dict)  # far tag -> RSeq
    is_cancelled: bool = False
    has_cancel_sent: bool = False
    cancel_reason: str = ""
    acks: dict[tuple[str, int], Outgoing] = field(default_factory=dict)
    # as a server
    server: Server | None = None
    rseq: int = 0
    unacknowledged: list[Response] = field(default_factory=list)  # reliable provisionals, in order
    repetition: Alarm | None = None
    repetition_s: float = 0.0
    give_up: Alarm | None = None
    # renegotiation
    offering: Client | None = None
    offered: Server | None = None
    has_asked_offer: bool = False  # their re-INVITE came without one: ours goes in the 2xx
    ack_key: tuple[str, str, int] | None = None  # where by_ack keeps it
    is_acknowledged: bool = False
    retries: int = 0
    # session timer
    interval: Interval | None = None
    refresh: Alarm | None = None

    @property
    def far_tag(self) -> str:
        return self.dialog.remote_tag if self.dialog is not None else ""


def send_in_dialog(
    core: Core, session: Session, request: Request, user: object, now: float
) -> Client:
    """Send a request of an established or early dialog."""
    dialog = session.dialog
    assert dialog is not None
    request.headers.add("User-Agent", core.config.user_agent)
    if session.proof is not None:
        session.proof.put_on(request, core.ids)
    return core.clients.send(request, dialog.hop, user, now)  # type: ignore[arg-type]


def end_session(
    core: Core, session: Session, cause: EndCause, *, is_remote: bool, reason: str = ""
) -> None:
    """The session is over: tell the shell once."""
    if session.state is not State.ENDED:
        close_session(core, session)
        core.emit(SessionEnded(session.number, cause, is_remote, reason))


def close_session(core: Core, session: Session) -> None:
    """Stop every clock of a session and forget how to find it."""
    session.state = State.ENDED
    cancel(session.repetition)
    cancel(session.give_up)
    cancel(session.refresh)
    core.sessions.pop(session.number, None)
    core.by_tag.pop(session.key, None)
    if session.ack_key is not None:
        core.by_ack.pop(session.ack_key, None)
    if session.server is not None:
        core.by_server.pop(session.server.number, None)
