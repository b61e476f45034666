"""What a port tells: the one vocabulary of line events, and what they carry.

PURE: shapes only, part of the contract of api.py. at_ns: monotonic nanoseconds of the moment at
which the thing happened on the line, not of its being told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class LineState(Enum):
    """What a port is doing, in the words of the Lines page."""

    DOWN = "down"  # no device, or it does not answer
    STARTING = "starting"
    IDLE = "idle"
    RINGING = "ringing"  # FXS: we ring it; FXO, cellular: it rings us
    DIALLING = "dialling"
    TALKING = "talking"  # off-hook with audio
    RELEASING = "releasing"
    OFF_HOOK = "off_hook"  # FXS: lifted and not in a call (howler, dead)
    FAULT = "fault"


class CallerIdStatus(Enum):
    GIVEN = "given"
    WITHHELD = "withheld"  # P: the caller hides it
    UNAVAILABLE = "unavailable"  # O: the network does not know it


@dataclass(frozen=True, slots=True)
class CallerIdRecord:
    """Who calls, as the line told it or as a phone shall show it.

    number: digits (and a leading +) or empty; name: text or empty; time: MMDDHHMM or empty.
    source: ``fsk``, ``dtmf``, ``aon``, ``modem``, ``clip``: which detector said so.
    """

    number: str
    name: str = ""
    time: str = ""
    status: CallerIdStatus = CallerIdStatus.GIVEN
    source: str = ""


@dataclass(frozen=True, slots=True)
class RingStarted:
    at_ns: int


@dataclass(frozen=True, slots=True)
class RingStopped:
    """The caller gave up before the line was seized."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class CallerIdReceived:
    at_ns: int
    record: CallerIdRecord


@dataclass(frozen=True, slots=True)
class OffHook:
    """FXS: the phone was lifted (ring trip included). FXO: a parallel phone was."""

    at_ns: int


@dataclass(frozen=True, slots=True)
class OnHook:
    at_ns: int


@dataclass(frozen=True, slots=True)
class CallerIdWindow:
    """FXS, after ``ring`` with a caller id: from at_ns to until_ns the phone listens on its hook;
    whoever has the port's audio plays the caller id in it (FSK or DTMF, as the country has it)."""

    at_ns: int
    until_ns: int


@dataclass(frozen=True, slots=True)
class FlashHook:
    at_ns: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class DigitPulsed:
    """break_ms: of a 1, how long the loop was open; 0 = not told. In countries whose flash window
    begins among the breaks of a dial, a 1 in a call may be a flash (country.HookPlan)."""

    at_ns: int
    digit: str  # 0-9
    break_ms: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class KeyReported:
    """DTMF that the device itself detected: ``0``-``9 * # A``-``D``, once a key."""

    at_ns: int
    digit: str


@dataclass(frozen=True, slots=True)
class PolarityReversed:
    at_ns: int
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class LoopBroken:
    """The exchange opened the loop for so long (CPC): above the country's limit, a hang-up."""

    at_ns: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class ProgressReported:
    """What the device says of a call that it makes: ``dial_tone busy congestion ringback answered
    no_dial_tone no_answer released line_in_use silence fax sit``."""

    at_ns: int
    word: str


@dataclass(frozen=True, slots=True)
class SmsReceived:
    """A whole message, its parts joined. reference: for ``Port.forget_sms``, once it is kept."""

    at_ns: int
    sender: str
    text: str
    sent_at: str  # ISO 8601 of the network, or empty
    reference: str


@dataclass(frozen=True, slots=True)
class LineLost:
    """No feeding voltage, no network, no card: the port cannot make calls."""

    at_ns: int
    reason: str


@dataclass(frozen=True, slots=True)
class LineBack:
    at_ns: int


@dataclass(frozen=True, slots=True)
class PortFault:
    """Something that needs a person, or a recovery that the driver makes itself."""

    at_ns: int
    code: str  # stable key, ``line.…``
    is_recoverable: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StateChanged:
    at_ns: int
    state: LineState


LineEvent = (
    RingStarted
    | RingStopped
    | CallerIdReceived
    | OffHook
    | OnHook
    | CallerIdWindow
    | FlashHook
    | DigitPulsed
    | KeyReported
    | PolarityReversed
    | LoopBroken
    | ProgressReported
    | SmsReceived
    | LineLost
    | LineBack
    | PortFault
    | StateChanged
)
