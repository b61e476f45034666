"""How much an extension may spend on calls that cost money, and what is left of it.

PURE. The class of service gives the limits, the extension its own where they are not 0; what was
spent comes with the LiveState. Whoever pays is asked (``CallRequest.payer``): the caller, or the
extension that forwarded the call. Emergency calls never come here; numbers of the office, its codes
and toll-free numbers cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from appliance.call.leg import Cause
from appliance.config.model import ClassOfService, DestinationKind, Extension
from appliance.routing.decision import (
    DAY_LIMIT,
    WHOLE_BOX,
    Decision,
    Payment,
    Spent,
    limit_detail,
)
from appliance.routing.plan import Asking
from appliance.routing.profile import Meaning

#: Kinds of numbers for which somebody sends a bill.
PAID = frozenset(
    {
        DestinationKind.LOCAL,
        DestinationKind.NATIONAL,
        DestinationKind.MOBILE,
        DestinationKind.PREMIUM,
        DestinationKind.INTERNATIONAL,
    }
)
#: With less than this left of a day's minutes no call is begun: nobody could say anything in it.
LEAST_S = 10.0
CALLS = "limit_paid_calls"
CALLS_PER_HOUR = "limit_paid_calls_per_hour"
CALL_MINUTES = "limit_call_minutes"
BOX_CALLS_PER_HOUR = "limit_box_calls_per_hour"
_NOTHING = Spent()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one extension may; 0 = no limit."""

    calls: int = 0
    calls_per_hour: int = 0
    minutes_per_day: int = 0
    call_minutes: int = 0


@dataclass(frozen=True, slots=True)
class _Tripped:
    alert: str
    payer: str  # empty = the whole box
    spent: int
    limit: int


def limits_of(extension: Extension, service: ClassOfService | None) -> Limits:
    """The extension's own limits, and its class's where it has none."""
    if service is None:
        return Limits()
    return Limits(
        extension.max_paid_calls or service.max_paid_calls,
        extension.max_paid_calls_per_hour or service.max_paid_calls_per_hour,
        extension.max_paid_minutes_per_day or service.max_paid_minutes_per_day,
        extension.max_call_minutes or service.max_call_minutes,
    )


def refuse_by_limits(asking: Asking, meaning: Meaning, payer: Extension) -> Decision | None:
    """None when the payer may begin one more call of this kind, otherwise the refusal.

    A refusal raises the limit's alert, whose detail is the payer and the limit.
    """
    if meaning.kind not in PAID:
        return None
    tripped = _tripped(asking, payer)
    return None if tripped is None else _refuse(asking, meaning, tripped)


def _tripped(asking: Asking, payer: Extension) -> _Tripped | None:
    """The first limit that leaves no room for one more call."""
    limits = limits_of(payer, asking.plan.class_of(payer))
    spent = asking.state.spent.get(payer.number, _NOTHING)
    number, minutes = payer.number, limits.minutes_per_day
    if limits.calls and spent.calls >= limits.calls:
        return _Tripped(CALLS, number, spent.calls, limits.calls)
    if limits.calls_per_hour and spent.calls_last_hour >= limits.calls_per_hour:
        return _Tripped(CALLS_PER_HOUR, number, spent.calls_last_hour, limits.calls_per_hour)
    if minutes and minutes * 60 - spent.seconds_today < LEAST_S:
        return _Tripped(DAY_LIMIT, number, round(spent.seconds_today / 60), minutes)
    box = asking.plan.site.max_paid_calls_per_hour
    calls = asking.state.spent.get(WHOLE_BOX, _NOTHING).calls_last_hour if box else 0
    return _Tripped(BOX_CALLS_PER_HOUR, "", calls, box) if box and calls >= box else None


def payment(asking: Asking, meaning: Meaning, payer: Extension) -> Payment | None:
    """Who pays for this call and how long it may last; None for what costs nothing."""
    if meaning.kind not in PAID:
        return None
    limits = limits_of(payer, asking.plan.class_of(payer))
    longest_s, limit = limits.call_minutes * 60.0, CALL_MINUTES
    if limits.minutes_per_day:
        left_s = _left_s(asking, payer, limits.minutes_per_day * 60.0)
        if not longest_s or left_s < longest_s:
            longest_s, limit = left_s, DAY_LIMIT
    if longest_s:
        # Rounded down: the reason must not promise a minute that the call will not get.
        minutes = str(int(longest_s // 60)) if longest_s >= 60 else "<1"
        asking.because("limit.longest", extension=payer.number, minutes=minutes)
    day_s, warning_s = limits.minutes_per_day * 60.0, float(asking.plan.site.end_warning_s)
    return Payment(payer.number, longest_s, limit, day_s, warning_s)


def _left_s(asking: Asking, payer: Extension, day_s: float) -> float:
    """How long one call can use up the day; one that reaches midnight has the next day's talk."""
    left_s = day_s - asking.state.spent.get(payer.number, _NOTHING).seconds_today
    now = asking.now
    if now is None:
        return left_s
    midnight = datetime.combine(now.date() + timedelta(days=1), time(0), tzinfo=now.tzinfo)
    to_midnight_s = midnight.timestamp() - now.timestamp()
    return left_s if left_s <= to_midnight_s else to_midnight_s + day_s


def _refuse(asking: Asking, meaning: Meaning, tripped: _Tripped) -> Decision:
    """Refuse with the limit's reason, in its words, with its alert."""
    params = {"extension": tripped.payer, "spent": str(tripped.spent), "limit": str(tripped.limit)}
    asking.because(_REASONS[tripped.alert], **params)
    number = "+" + meaning.number
    refusal = asking.refuse(meaning.kind, number, Cause.LIMIT, "limit_reached", (tripped.alert,))
    return replace(refusal, alert_detail=limit_detail(tripped.payer, tripped.limit))


_REASONS = {
    CALLS: "limit.calls",
    CALLS_PER_HOUR: "limit.calls_per_hour",
    DAY_LIMIT: "limit.minutes_per_day",
    BOX_CALLS_PER_HOUR: "limit.box_calls_per_hour",
}
