"""The question that routing is asked and the answer that it gives.

PURE. ``decide(request, snapshot, state, now) -> Decision`` is the only place where a call's way is
chosen; the live call, the journal's reasons, ``dozvon explain`` and the web simulator share these
shapes. Every reason has a stable key whose texts (RU, EN) live in routing/texts.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from appliance.call.leg import Cause, Diversion, Replaced
from appliance.config.model import DestinationKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """What was asked of the box.

    dialled: the user part as it came; extension: the authenticated caller, or empty;
    trunk: the trunk that it came in by, or empty. is_digit_by_digit: the digits come one by one
    (FXS) and is_complete says that the timer ran out or ``#`` was pressed. on_behalf_of: the
    extension that sends the call on (a forward): the leg that follows is its own call, with its
    class and its limits, whoever called it; forwarded_by: everybody who has sent it on so far, he
    the last; forwarded_because: why he did. replaces: the place in a live call that is asked for
    instead of a number.
    """

    dialled: str
    extension: str = ""
    trunk: str = ""
    caller_number: str = ""
    is_digit_by_digit: bool = False
    is_complete: bool = True
    on_behalf_of: str = ""
    forwarded_by: tuple[str, ...] = ()
    forwarded_because: str = ""
    replaces: Replaced | None = None

    @property
    def payer(self) -> str:
        """The extension that answers for what the call costs."""
        return self.on_behalf_of or self.extension


#: Stands for all extensions together in ``LiveState.spent``.
WHOLE_BOX = ""


@dataclass(frozen=True, slots=True)
class Spent:
    """What an extension has spent on calls that cost money, up to this moment.

    seconds_today: talk of the site's day, with what goes on now.
    """

    calls: int = 0  # going on now
    calls_last_hour: int = 0
    seconds_today: float = 0.0


@dataclass(frozen=True, slots=True)
class OutboundCall:
    """A live call on a trunk, as pre-emption sees it."""

    call_ref: str
    started: float  # seconds of the caller's clock, only compared
    is_emergency: bool


@dataclass(frozen=True, slots=True)
class RingingCall:
    """A call that rings at an extension and could be picked up."""

    call_ref: str
    extension: str
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """What the decision may know of this moment.

    bindings: extension -> keys of its reachable phones, in ring order;
    extension_calls: live calls each extension takes part in; trunk_calls: live calls by trunk;
    down: trunks that are known not to answer, with the reason; spent: by extension, and WHOLE_BOX.
    chosen: extension -> the way that it wants its next call to go by.
    The call that is being decided is not counted, but for the place that it has on the trunk that
    it came in by.
    """

    bindings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    extension_calls: Mapping[str, int] = field(default_factory=dict)
    trunk_calls: Mapping[str, tuple[OutboundCall, ...]] = field(default_factory=dict)
    down: Mapping[str, str] = field(default_factory=dict)
    ringing: tuple[RingingCall, ...] = ()
    spent: Mapping[str, Spent] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RingExtension:
    """Ring all these phones at once for so long."""

    extension: str
    bindings: tuple[str, ...]
    ring_time_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UseTrunk:
    """Offer the call to a trunk. number and caller_id are in the trunk's form.

    no_answer_s: silence after which the way is left; leave_on: SIP statuses on which it is left.
    preempt: a call to be dropped first (emergency only), or empty; is_blind: a city line is dialled
    though it gives no dial tone (an emergency's last try).
    """

    trunk: str
    number: str
    caller_id: str
    no_answer_s: float
    leave_on: tuple[int, ...]
    ring_time_s: int
    preempt: str = ""
    is_blind: bool = False


@dataclass(frozen=True, slots=True)
class RunApp:
    app: str  # key of apps/
    argument: str = ""


@dataclass(frozen=True, slots=True)
class PickUp:
    """Take over a call that rings elsewhere, or the place of one of its answered legs."""

    call_ref: str
    leg: int = 0  # 0 = it rings


Step = RingExtension | UseTrunk | RunApp | PickUp


#: A call is warned a last time so long before its limit ends it.
LAST_WARNING_S = 10.0
#: Alert of the limit that several calls of one payer use up together.
DAY_LIMIT = "limit_paid_minutes_per_day"


def limit_detail(payer: str, limit: int) -> str:
    """What a limit's alert is about: ``2001 (60)``; the figure alone where the box is the payer."""
    return f"{payer} ({limit})" if payer else f"({limit})"


@dataclass(frozen=True, slots=True)
class Payment:
    """Whose account a call is on.

    longest_s: how long it may last from its answer, 0 = as long as it likes; limit: the limit that
    ends it then (key of its alert); day_s: talk that its payer has for a day, 0 = no limit;
    warning_s: how long before that end the caller is warned, 0 = never.
    """

    payer: str
    longest_s: float
    limit: str
    day_s: float
    warning_s: float = 0.0


#: How a phone says that it takes no call, whether its owner declined it or it could not.
_REFUSALS = frozenset(
    {
        Cause.REJECTED,
        Cause.FORBIDDEN,
        Cause.NOT_FOUND,
        Cause.INCOMPATIBLE,
        Cause.FAILURE,
        Cause.CONGESTION,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwards:
    """Where a call to an extension goes on to when it is not answered there; empty = nowhere.

    chain: whoever has sent the call on, that extension the last; always: before anything rings;
    refused: a phone declined it, or could not take it; beyond: from a target outside, whatever
    keeps it from being answered there.
    """

    chain: tuple[str, ...]
    always: str = ""
    busy: str = ""
    no_answer: str = ""
    offline: str = ""
    refused: str = ""
    beyond: str = ""

    def after(self, cause: Cause) -> tuple[str, str]:
        """Why the call goes on and where to, when its phones gave this cause; empty = it ends."""
        if self.always:
            return "always", self.always
        if self.beyond:
            return "beyond", self.beyond
        if cause is Cause.BUSY:
            return "busy", self.busy
        if cause is Cause.NO_ANSWER:
            return "no_answer", self.no_answer
        if cause in (Cause.UNREACHABLE, Cause.NO_RESPONSE):
            return "offline", self.offline
        if cause in _REFUSALS:
            return "refused", self.refused
        return "", ""


class Verdict(Enum):
    ROUTE = "route"  # try steps in order
    REFUSE = "refuse"  # tell the caller why: cause, prompt
    MORE_DIGITS = "more_digits"  # digit-by-digit only: wait for the next digit or the timer


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the why, in order: key finds the text, params fill it."""

    key: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The way of a call.

    number: what the dialled digits mean: an extension, +E.164, or a service number such as 112.
    When the steps are used up the caller is told ``cause`` with ``prompt`` (a key of the prompts'
    data file, empty = silence), as with REFUSE. payment: None for what costs nothing. chooses:
    the way that the caller's next call shall go by. forwards: where the call goes on to from the
    extension of ``steps``, or of the refusal; diversion: who sent it here.
    """

    verdict: Verdict
    kind: DestinationKind | None
    number: str
    steps: tuple[Step, ...] = ()
    cause: Cause = Cause.NOT_FOUND
    prompt: str = ""
    reasons: tuple[Reason, ...] = ()
    alerts: tuple[str, ...] = ()  # keys, e.g. ``unknown_did``
    alert_detail: str = ""  # what they are about; empty = the number
    payment: Payment | None = None
    chooses: str = ""
    forwards: Forwards | None = None
    diversion: Diversion | None = None
    is_digit_final: bool = True  # FXS: no longer number could match, dial at once

    @property
    def is_emergency(self) -> bool:
        return self.kind is DestinationKind.EMERGENCY
