"""What was spent before this start, taken out of the journal: a restart gives nobody new minutes.

PURE but for the zone's rules. The day is the site's: it begins at its midnight, whatever an hour
daylight saving adds or takes. Which calls cost money is asked of routing, by the settings in force.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.config.model import Snapshot
from appliance.routing.decide import digits_dialled
from appliance.routing.limits import PAID
from appliance.routing.plan import plan_of
from appliance.spending.spending import HOUR_S, Spending
from appliance.store.outgoing import OutgoingCall


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on both clocks. wall: epoch seconds; now: monotonic; midnight: epoch seconds."""

    wall: float
    now: float
    midnight: float

    @property
    def since(self) -> float:
        """From when on calls still count: the day's beginning or an hour ago (epoch seconds)."""
        return min(self.midnight, self.wall - HOUR_S)


def moment(wall: float, now: float, timezone: str) -> Moment:
    """This moment at a site."""
    local = datetime.fromtimestamp(wall, ZoneInfo(timezone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return Moment(wall, now, midnight.timestamp())


def take_in(
    spending: Spending, calls: Iterable[OutgoingCall], snapshot: Snapshot, at: Moment
) -> None:
    """Put calls of the journal (the oldest first) on their payers' accounts."""
    calls = list(calls)
    at = _not_before_the_last_written(calls, snapshot, at)
    for call in calls:
        if not is_paid(call, snapshot):
            continue
        seconds = max(0.0, min(call.talk_s, call.ended_at - at.midnight))
        # A row of the future was written before the clock was put back: it counts as of now.
        begun = at.now - max(0.0, at.wall - call.started_at)
        spending.restore(call.payer, begun, seconds)
    zone = ZoneInfo(snapshot.document.site.timezone)
    spending.restored_on(datetime.fromtimestamp(at.wall, zone).date())


def _not_before_the_last_written(
    calls: Iterable[OutgoingCall], snapshot: Snapshot, at: Moment
) -> Moment:
    """This moment, by a clock that has not been set yet: no earlier than the end of the last call
    that was written. One of a time when the clock was ahead is not that."""
    last = max(calls, key=lambda call: call.row, default=None)
    if last is None or last.ended_at <= at.wall:
        return at
    return moment(last.ended_at, at.now, snapshot.document.site.timezone)


def is_paid(call: OutgoingCall, snapshot: Snapshot) -> bool:
    """True when an extension called a number that costs money."""
    plan = plan_of(snapshot)
    if call.payer not in plan.extensions:
        return False
    if call.number[:1] == "+":
        return plan.numbers.classify(call.number[1:])[0] in PAID
    digits, _ = digits_dialled(call.dialled, plan.profile)
    return not call.number and plan.profile.read(digits).kind in PAID
