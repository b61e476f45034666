"""The vocabulary of the SIP endpoint: what it tells, and what it is asked for.

PURE. Shapes only. ``endpoint.Endpoint`` turns datagrams into these events and these requests into
datagrams; legs/, the registrar's shell and the trunks' registrations speak nothing else of SIP.
A *session* is one INVITE usage (RFC 3261 §13): from the INVITE until its dialog is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from appliance.sip.message import Request, Response


class Transport(Enum):
    __hash__ = object.__hash__  # a part of each hop, and a hop of many keys

    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS"
    WS = "WS"

    @property
    def is_reliable(self) -> bool:
        return self is not Transport.UDP


#: What nearly every hop has; asked for with each message.
UDP = Transport.UDP


@dataclass(frozen=True, slots=True)
class Hop:
    """Where a message came from or goes to: the far end's literal IP address, port and transport.

    connection: the stream that it came by (0 = a datagram, or any stream to that address).
    """

    transport: Transport
    host: str
    port: int
    connection: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Octets for the wire."""

    hop: Hop
    data: bytes


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are to a challenger; realm empty = any realm (the hop says which host)."""

    username: str
    secret: str
    realm: str = ""


class FailureCause(Enum):
    __hash__ = object.__hash__

    RESPONSE = "response"  # a final 3xx-6xx
    TIMEOUT = "timeout"  # Timer B or F
    TRANSPORT = "transport"  # the socket refused
    CANCELLED = "cancelled"  # our CANCEL won (487)


class EndCause(Enum):
    __hash__ = object.__hash__

    BYE = "bye"
    SESSION_TIMER = "session_timer"  # RFC 4028 §10
    NO_ACK = "no_ack"  # RFC 3261 §13.3.1.4
    GONE = "gone"  # 481 or 408 in the dialog (RFC 3261 §12.2.1.2)


# ---- events -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InviteReceived:
    """A new call knocks: ``trying``, ``provisional``, ``answer`` or ``reject`` follow."""

    session: int
    request: Request
    source: Hop


@dataclass(frozen=True, slots=True)
class SessionProgressed:
    """A provisional 101-199 to our INVITE; body is empty or early media's description."""

    session: int
    response: Response


@dataclass(frozen=True, slots=True)
class SessionAnswered:
    """A 2xx to our INVITE (the ACK is sent by the endpoint)."""

    session: int
    response: Response


@dataclass(frozen=True, slots=True)
class SessionFailed:
    """Our INVITE ended without a dialog; response is there when cause is RESPONSE or CANCELLED."""

    session: int
    cause: FailureCause
    response: Response | None


@dataclass(frozen=True, slots=True)
class SessionCancelled:
    """The caller withdrew an INVITE that we had not answered (487 is sent by the endpoint).

    reason: the CANCEL's Reason header (RFC 3326) or empty.
    """

    session: int
    reason: str


@dataclass(frozen=True, slots=True)
class SessionConfirmed:
    """The ACK to our 2xx arrived; body is the answer when our 2xx carried the offer."""

    session: int
    body: bytes


@dataclass(frozen=True, slots=True)
class OfferReceived:
    """A re-INVITE or UPDATE in the dialog; body None = a re-INVITE that wants our offer.

    ``accept_offer`` or ``reject_offer`` must follow.
    """

    session: int
    body: bytes | None


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """Our re-INVITE, UPDATE or offer in a 2xx to a re-INVITE was answered with this description."""

    session: int
    body: bytes


@dataclass(frozen=True, slots=True)
class OfferRefused:
    """Our re-INVITE or UPDATE was refused (491 only after the retries of RFC 3261 §14.1)."""

    session: int
    status: int


@dataclass(frozen=True, slots=True)
class InfoReceived:
    """An INFO in the dialog (200 is sent by the endpoint)."""

    session: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """An answered session is over; is_remote: the far end hung up.  reason: RFC 3326 or empty."""

    session: int
    cause: EndCause
    is_remote: bool
    reason: str


@dataclass(frozen=True, slots=True)
class RequestReceived:
    """A request outside any dialog, not INVITE, ACK or CANCEL; ``respond`` must follow."""

    transaction: int
    request: Request
    source: Hop


@dataclass(frozen=True, slots=True)
class ResponseReceived:
    """The final response to ``request`` (challenges were answered before, if they could be)."""

    request: int
    response: Response
    source: Hop


@dataclass(frozen=True, slots=True)
class RequestFailed:
    """``request`` got no response."""

    request: int
    cause: FailureCause


@dataclass(frozen=True, slots=True)
class Dropped:
    """Octets that could not be answered were thrown away; for the log and the abuse counters."""

    source: Hop
    why: str


Event = (
    InviteReceived
    | SessionProgressed
    | SessionAnswered
    | SessionFailed
    | SessionCancelled
    | SessionConfirmed
    | OfferReceived
    | OfferAnswered
    | OfferRefused
    | InfoReceived
    | SessionEnded
    | RequestReceived
    | ResponseReceived
    | RequestFailed
    | Dropped
)


# ---- requests ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An INVITE to be sent. Display names and URIs are text as they stand on the wire.

    headers: further fields in order; body: the offer (empty = the far end shall offer).
    session_expires_s: RFC 4028, 0 = not asked for.
    """

    uri: str
    hop: Hop
    from_uri: str
    to_uri: str
    from_display: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    route_set: tuple[str, ...] = ()
    body: bytes = b""
    credentials: Credentials | None = None
    session_expires_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainRequest:
    """A request outside a dialog: REGISTER, OPTIONS, MESSAGE, NOTIFY …

    call_id and cseq are given for REGISTER, which keeps them (RFC 3261 §10.2); otherwise fresh.
    timeout_s: give up earlier than Timer F (0 = Timer F). from_tag and to_tag: of a dialog that the
    sender keeps himself (the NOTIFY that ends a subscription); otherwise fresh, and none.
    """

    method: str
    uri: str
    hop: Hop
    from_uri: str
    to_uri: str
    headers: tuple[tuple[str, str], ...] = ()
    route_set: tuple[str, ...] = ()
    body: bytes = b""
    credentials: Credentials | None = None
    call_id: str = ""
    cseq: int = 0
    timeout_s: float = 0.0
    from_tag: str = ""
    to_tag: str = ""
