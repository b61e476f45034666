"""One call as the journal keeps it.

PURE. journal.py folds a call's events into this; store/journal.py writes it; the CLI and the web
show it. Wall-clock times are for people, durations come from the monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.call.leg import Cause
from appliance.routing.decision import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class LegQuality:
    """What media measured on one leg; None = unknown (media.api.StreamStatistics)."""

    received: int = 0
    sent: int = 0
    lost: int | None = None
    jitter_ms: float | None = None
    round_trip_ms: float | None = None
    mos: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRecord:
    """One leg of the call: who it was, when it rang and answered (seconds since the call began)."""

    leg: int
    role: str  # "originating" or "terminating"
    party: str  # "extension 2001", "trunk mango", "app echo"
    number: str  # digits sent by this leg, as the far end saw them
    dialled_after_s: float
    rang_after_s: float | None = None
    answered_after_s: float | None = None
    ended_after_s: float | None = None
    cause: Cause | None = None
    status: int = 0
    quality: LegQuality | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One row of the journal."""

    call_ref: str
    started_at: float  # seconds since the epoch, UTC
    direction: str  # "internal" "outbound" "inbound"
    caller: str
    caller_name: str
    dialled: str
    number: str  # what it meant: extension, +E.164, service number
    sent: str  # as the trunk that carried it was given it; empty if none
    trunk: str
    answered_by: str
    setup_s: float | None  # to the answer
    talk_s: float
    total_s: float
    cause: Cause
    legs: tuple[LegRecord, ...] = ()
    reasons: tuple[Reason, ...] = ()
    alerts: tuple[str, ...] = ()
    revision: int = 0  # of the configuration that it ran with


@dataclass(frozen=True, slots=True)
class VoiceMessage:
    """What a caller left in a mailbox. ident: names its file; caller: empty where it is withheld;
    at: epoch seconds when it began."""

    ident: str
    extension: str
    caller: str
    caller_name: str
    at: float
    seconds: float
    is_heard: bool = False
