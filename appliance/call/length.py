"""How long a paid call may last: the warnings that its caller hears, and its end.

PURE. The limit is its payer's (routing/limits.py); it runs from the answer. Who warns of a day that
several calls use up together is spending.py.
"""

from __future__ import annotations

from appliance.call.body import CallBody
from appliance.call.ending import end
from appliance.call.inputs import Alert
from appliance.call.leg import Cause, Warn
from appliance.routing.decision import DAY_LIMIT, LAST_WARNING_S, limit_detail


def begin_limit(body: CallBody, now: float) -> None:
    """The caller is answered: from here on the call has so long."""
    payment = body.decision.payment if body.decision is not None else None
    if payment is not None and payment.longest_s:
        body.timers["limit"] = now + payment.longest_s
        _await_warning(body, payment.warning_s, now)


def on_warning(body: CallBody, now: float) -> None:
    """The end is near: the caller hears of it."""
    left_s = body.timers["limit"] - now
    body.say(Warn(body.originating.number, is_last=left_s <= LAST_WARNING_S))
    _await_warning(body, LAST_WARNING_S, now)


def on_limit(body: CallBody, now: float) -> None:
    """The call lasted as long as its payer's limits let it."""
    payment = body.decision.payment if body.decision is not None else None
    if payment is not None:
        is_days = payment.limit == DAY_LIMIT
        minutes = round((payment.day_s if is_days else payment.longest_s) / 60)
        body.say(Alert(payment.limit, limit_detail(payment.payer, minutes)))
    end(body, Cause.LIMIT, now)


def _await_warning(body: CallBody, before_s: float, now: float) -> None:
    """The next warning, or the last one where there is no time for it; none after the last."""
    limit = body.timers["limit"]
    for left_s in (before_s, min(before_s, LAST_WARNING_S)):
        if left_s and limit - left_s > now:
            body.timers["warning"] = limit - left_s
            return
