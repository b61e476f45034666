"""What the switchboard tells a call beside LegEvents, and what it is asked beside LegCommands.

PURE. Shapes only; call.py's TABLE says what happens on each.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.call.leg import Cause, LegCommand, LegEvent
from appliance.routing.decision import CallRequest, Decision
from appliance.sdp.media import Media


@dataclass(frozen=True, slots=True)
class Routed:
    """The answer to AskRouting."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class MediaLost:
    """No RTP came on any of the call's legs for the site's media_timeout_s."""


@dataclass(frozen=True, slots=True)
class HangUpRequested:
    """The operator, a limit, a pre-emption or a shutdown ends the call."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class PickedUp:
    """Another phone's leg takes this ringing call: it answers in place of the ringing phones.

    leg: the picker's leg, which was offered as a call of its own and now joins this one;
    offer: what that leg offered; extension: who picked up; replaces: the answered leg whose place
    it takes, 0 = the call rings.
    """

    leg: int
    offer: Media
    extension: str
    replaces: int = 0


CallInput = LegEvent | Routed | MediaLost | HangUpRequested | PickedUp


@dataclass(frozen=True, slots=True)
class AskRouting:
    """Decide this request now; Routed follows at once."""

    request: CallRequest


@dataclass(frozen=True, slots=True)
class Preempt:
    """Drop that normal call: its line is needed for an emergency."""

    call_ref: str


@dataclass(frozen=True, slots=True)
class GiveLegTo:
    """Hand this call's originating leg over to another call, which it picks up.

    When that call is gone, HangUpRequested(NOT_FOUND) follows at once; otherwise this one ends.
    """

    leg: int
    call_ref: str
    replaces: int = 0  # as in PickedUp


@dataclass(frozen=True, slots=True)
class Alert:
    """Tell the owner; key is stable, e.g. ``unknown_did`` or ``emergency_call``."""

    key: str
    detail: str


@dataclass(frozen=True, slots=True)
class Finished:
    """Every leg is gone: the journal may fold and the switchboard may forget the call."""


CallOutput = LegCommand | AskRouting | Preempt | GiveLegTo | Alert | Finished
