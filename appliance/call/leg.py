"""The one vocabulary of every leg: LegEvent tells the call, LegCommand tells the leg.

PURE. A leg is one party of a call: a phone, a trunk, later an analog line, or an app of ours. It
knows its protocol and nothing of calls; a call knows legs by number and nothing of protocols.
Offers and answers are sdp.Media, which the call carries unread.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from appliance.sdp.media import Media

#: The flash of a hook among keys (RFC 4733 event 16), as V.250 dials it.
FLASH = "!"


class Cause(Enum):
    """Why a leg or a call ended: our own words; legs translate (SIP: legs/causes.py)."""

    __hash__ = object.__hash__

    NORMAL = "normal"  # somebody hung up
    BUSY = "busy"
    NO_ANSWER = "no_answer"  # rang, nobody came
    NO_RESPONSE = "no_response"  # silence: the way is dead
    UNREACHABLE = "unreachable"  # not registered, network, DNS
    REJECTED = "rejected"  # declined by a person
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"  # class of service, authentication
    INTERNATIONAL_BARRED = "international_barred"
    CONGESTION = "congestion"  # all ways busy, limits, ports exhausted
    INCOMPATIBLE = "incompatible"  # no common codec (488)
    CANCELLED = "cancelled"  # the caller gave up
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    MEDIA_LOST = "media_lost"  # no RTP both ways
    SESSION_EXPIRED = "session_expired"
    PREEMPTED = "preempted"  # dropped for an emergency call
    LIMIT = "limit"  # the payer's limit: refused, or ended when it was used up
    SHUTDOWN = "shutdown"
    RESTART = "restart"  # the box lost power or died in the call
    FAILURE = "failure"  # the far end's error (5xx)
    INTERNAL = "internal"  # our own defect


@dataclass(frozen=True, slots=True)
class Party:
    """Who calls. number: extension digits or +E.164 as known; empty = hidden or unknown."""

    number: str
    name: str = ""
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Diversion:
    """Who sent a call on (RFC 5806): the extension, and why: ``always busy no_answer offline``; to
    mailboxes alone ``refused beyond``."""

    extension: str
    why: str


# ---- LegEvents: what a leg tells its call -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Replaced:
    """Whose place in which live call a caller asks for (RFC 3891).

    extension: who has that place, or empty; leg: the answered leg that is to make room, 0 = the
    call rings at that extension and is picked up there.
    """

    call_ref: str
    extension: str
    leg: int = 0


@dataclass(frozen=True, slots=True)
class Offered:
    """A new call came in by this leg. offer None = the caller wants ours (delayed offer).

    extension: the authenticated extension's number, or empty; trunk: the trunk's name, or empty;
    replaces: the place that it asks for, instead of what was dialled.
    """

    leg: int
    caller: Party
    dialled: str
    offer: Media | None
    extension: str = ""
    trunk: str = ""
    replaces: Replaced | None = None


@dataclass(frozen=True, slots=True)
class Trying:
    """The far end answers at all (any provisional, 100 included): the way is alive."""

    leg: int


@dataclass(frozen=True, slots=True)
class Progressed:
    """Ringing (answer None) or early media (answer given)."""

    leg: int
    answer: Media | None


@dataclass(frozen=True, slots=True)
class Answered:
    leg: int
    answer: Media


@dataclass(frozen=True, slots=True)
class Failed:
    """The leg ended before it was answered. status: SIP's figure or 0; said: the peer's reason."""

    leg: int
    cause: Cause
    status: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Reoffered:
    """The party wants other media (hold, resume, T.38). offer None = it wants ours."""

    leg: int
    offer: Media | None


@dataclass(frozen=True, slots=True)
class ReofferAnswered:
    leg: int
    answer: Media


@dataclass(frozen=True, slots=True)
class ReofferRefused:
    leg: int
    status: int


@dataclass(frozen=True, slots=True)
class DigitReceived:
    """One key, by RFC 4733 or INFO: ``0``-``9 * # A``-``D`` or FLASH; INFO ones are carried by the
    call."""

    leg: int
    digit: str
    duration_ms: int
    is_in_band: bool  # True: went through the relay already


@dataclass(frozen=True, slots=True)
class Ended:
    """An answered leg is over, or a caller withdrew. is_remote: the party did it."""

    leg: int
    cause: Cause
    is_remote: bool = True
    said: str = ""


LegEvent = (
    Offered
    | Trying
    | Progressed
    | Answered
    | Failed
    | Reoffered
    | ReofferAnswered
    | ReofferRefused
    | DigitReceived
    | Ended
)


# ---- LegCommands: what a call tells its legs ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class PhoneDestination:
    """One registered phone: a binding of an extension (key of the registrar's table)."""

    extension: str
    binding: str


@dataclass(frozen=True, slots=True)
class TrunkDestination:
    """A number by a trunk, in the trunk's own form; caller_id likewise (empty = hidden).

    is_emergency: routing said so; is_blind: a city line is dialled without dial tone, too.
    """

    trunk: str
    number: str
    caller_id: str
    is_emergency: bool = False
    is_blind: bool = False


@dataclass(frozen=True, slots=True)
class AppDestination:
    """One of our apps (apps/): ``echo``, ``announcement`` … with its argument.

    is_early: plays before the answer (nobody pays), then fails with ``cause``.
    """

    app: str
    argument: str = ""
    is_early: bool = False
    cause: Cause = Cause.NORMAL


Destination = PhoneDestination | TrunkDestination | AppDestination


@dataclass(frozen=True, slots=True)
class Dial:
    """Make this leg and call its party. diversion: who sent the call on to it, if somebody did."""

    leg: int
    destination: Destination
    caller: Party
    offer: Media | None
    diversion: Diversion | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """Tell the caller that it rings (answer None) or give him early media (answer)."""

    leg: int
    answer: Media | None


@dataclass(frozen=True, slots=True)
class Answer:
    leg: int
    answer: Media


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse a caller who was not answered."""

    leg: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Reoffer:
    leg: int
    offer: Media


@dataclass(frozen=True, slots=True)
class AcceptReoffer:
    leg: int
    answer: Media


@dataclass(frozen=True, slots=True)
class RefuseReoffer:
    leg: int
    status: int = 488


@dataclass(frozen=True, slots=True)
class SendDigit:
    """Pass on a key that came outside the media (INFO)."""

    leg: int
    digit: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Warn:
    """Let this party hear that the call will be ended. is_last: no other warning follows."""

    leg: int
    is_last: bool


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the leg in whatever state it is: CANCEL, BYE or nothing, as its protocol wants."""

    leg: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Bridge:
    """Let the two legs' media flow between them (an app takes hold of the other's media)."""

    leg: int
    other: int


LegCommand = (
    Dial
    | Ring
    | Answer
    | Reject
    | Reoffer
    | AcceptReoffer
    | RefuseReoffer
    | SendDigit
    | Warn
    | HangUp
    | Bridge
)
