"""What extensions spend on calls that cost money: the table that the money guard decides by.

PURE. Fed as paid calls begin, are answered and end, and once at start from the journal. An hour is
the last 3,600 s of the monotonic clock, so that nobody gains by a clock that is set; a day is a
date of the site's zone. A clock that is put back keeps what was spent, a later date begins anew;
a call that talks over midnight counts on each day what falls on it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from appliance.routing.decision import LAST_WARNING_S, WHOLE_BOX, Payment, Spent

HOUR_S = 3600.0
#: How often ``overdrawn`` and ``running_out`` are asked.
ROUND_S = 5.0
_NOTHING = Spent()


@dataclass(slots=True)
class _Account:
    """One payer. begun: when calls of the last hour began; seconds: talk of ended calls, today."""

    begun: deque[float] = field(default_factory=deque)
    seconds: float = 0.0
    live: dict[str, _PaidCall] = field(default_factory=dict)

    def forget(self, now: float) -> None:
        """Calls that began more than an hour ago."""
        while self.begun and self.begun[0] <= now - HOUR_S:
            self.begun.popleft()

    def talked_s(self, now: float) -> float:
        """Talk of the day, with what goes on."""
        since = (call.talks_since for call in self.live.values())
        return self.seconds + sum(now - start for start in since if start is not None)


@dataclass(slots=True)
class _PaidCall:
    """A call that goes on. talks_since: its answer, or the day's beginning if that is later;
    ends_at: when its own limit ends it; warned_s: how much was left when its party was warned last
    that the day is used up."""

    payment: Payment
    talks_since: float | None = None
    ends_at: float = math.inf
    warned_s: float = math.inf

    def is_to_be_warned(self, left_s: float) -> bool:
        """Once when its time comes, and once when the round of calls is the last before the end."""
        first = self.payment.warning_s
        moments = (first, min(first, LAST_WARNING_S + ROUND_S)) if first else ()
        for moment in moments:
            if left_s <= moment < self.warned_s:
                self.warned_s = left_s if moment == first else 0.0
                return True
        return False


class Spending:
    """The accounts. ``now``: monotonic seconds; ``today``: the date at the site."""

    def __init__(self) -> None:
        self._accounts: dict[str, _Account] = {}
        self._live: dict[str, _PaidCall] = {}
        self._day: date | None = None
        self._restored_on: date | None = None

    def begin(self, call_ref: str, payment: Payment, now: float) -> None:
        """A paid call leaves the office."""
        call = self._live[call_ref] = _PaidCall(payment)
        for name in (payment.payer, WHOLE_BOX):
            account = self._account(name)
            account.forget(now)
            account.begun.append(now)
            account.live[call_ref] = call

    @property
    def payers(self) -> tuple[str, ...]:
        """Everybody who has an account, WHOLE_BOX among them."""
        return tuple(self._accounts)

    def answered(self, call_ref: str, now: float) -> None:
        """Somebody answered: from here on it is talk; calls that cost nothing are not known."""
        call = self._live.get(call_ref)
        if call is not None and call.talks_since is None:
            call.talks_since = now
            call.ends_at = now + (call.payment.longest_s or math.inf)

    def over(self, call_ref: str, talk_s: float, now: float) -> None:
        """The call ended after so much talk, as its journal row says."""
        call = self._live.pop(call_ref, None)
        if call is None:
            return
        since = call.talks_since
        seconds = 0.0 if since is None else min(talk_s, now - since)
        for name in (call.payment.payer, WHOLE_BOX):
            account = self._accounts[name]
            account.live.pop(call_ref, None)
            account.seconds += seconds

    def restore(self, payer: str, begun: float, seconds_today: float) -> None:
        """Take in a call of the journal, the oldest first; begun may lie before this run."""
        for name in (payer, WHOLE_BOX):
            account = self._account(name)
            account.begun.append(begun)
            account.seconds += seconds_today

    def restored_on(self, day: date) -> None:
        """What was restored is of this day, whatever a clock that was not set yet says."""
        self._restored_on = day

    def spent(self, payer: str, now: float, today: date) -> Spent:
        """What this payer (or WHOLE_BOX) has spent up to now."""
        self._turn_day(now, today)
        account = self._accounts.get(payer)
        if account is None:
            return _NOTHING
        account.forget(now)
        return Spent(len(account.live), len(account.begun), account.talked_s(now))

    def overdrawn(self, now: float, today: date) -> list[str]:
        """Calls whose payer has used up his day: several at once are quicker than each alone."""
        self._turn_day(now, today)
        return [
            call_ref
            for call_ref, call in self._live.items()
            if call.payment.day_s
            and self._accounts[call.payment.payer].talked_s(now) >= call.payment.day_s
        ]

    def running_out(self, now: float, today: date) -> list[tuple[str, bool]]:
        """Calls to be warned that their payer, who talks by several at once or did, will have used
        up his day before their own time; and whether it is the last warning. Told once each."""
        self._turn_day(now, today)
        found = []
        for call_ref, call in self._live.items():
            account = self._accounts[call.payment.payer]
            talking = sum(other.talks_since is not None for other in account.live.values())
            if not call.payment.day_s or call.talks_since is None:
                continue
            left_s = (call.payment.day_s - account.talked_s(now)) / talking
            if talking < 2 and now + left_s > call.ends_at - ROUND_S:
                continue  # its own limit warns of its end
            if call.is_to_be_warned(left_s):
                found.append((call_ref, left_s <= LAST_WARNING_S + ROUND_S))
        return found

    def _account(self, name: str) -> _Account:
        account = self._accounts.get(name)
        if account is None:
            account = self._accounts[name] = _Account()
        return account

    def _turn_day(self, now: float, today: date) -> None:
        """A later date: accounts of the day begin anew, talk that goes on counts from here.

        A clock that is put back over midnight waits for its day; one that was years ahead does not.
        """
        if self._day is None or self._day == today:
            self._day = today
            return
        if today < self._day:
            self._day = today if (self._day - today).days > 1 else self._day
            return
        self._day, before = today, self._restored_on
        self._restored_on = None
        if today == before:  # the clock has been set only now
            return
        for account in self._accounts.values():
            account.seconds = 0.0
        for call in self._live.values():
            if call.talks_since is not None:
                call.talks_since = now


class SpentNow(Mapping[str, Spent]):
    """The table at one moment, as routing reads it: reckoned for the payers that are asked for."""

    def __init__(self, spending: Spending, now: float, today: Callable[[], date]) -> None:
        self._spending = spending
        self._now = now
        self._today = today

    def __getitem__(self, payer: str) -> Spent:
        return self._spending.spent(payer, self._now, self._today())

    def __iter__(self) -> Iterator[str]:
        return iter(self._spending.payers)

    def __len__(self) -> int:
        return len(self._spending.payers)
