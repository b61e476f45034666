"""Places that are not answered because of wrong passwords, for some time.

PURE. A ban of a place is silence; a barred login is one account at one place, for places that
cannot be banned as a whole because phones of the office live there. Memory alone: a restart
forgives. A place that was banned within the last day is banned for twice as long; a login, which
may be an honest phone with an old password, never. Times: monotonic seconds.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum

_ROOM = 4096
_LOGIN_S = 300.0
_FIRST_S = 600.0
_LONGEST_S = 6 * 3600.0
_REMEMBERED_S = 24 * 3600.0


class Scope(Enum):
    """What a ban closes."""

    PLACE = "place"  # nothing from this place is answered
    LOGIN = "login"  # one account cannot be tried from this place
    NEW_LOGINS = "new_logins"  # no account that is not at home at this place


@dataclass(frozen=True, slots=True)
class Ban:
    """account: the one that was tried last; failures: how many brought it about."""

    scope: Scope
    place: str
    account: str
    failures: int
    since: float
    until: float
    times: int = 1

    @property
    def lasts_s(self) -> float:
        return self.until - self.since


Key = tuple[Scope, str, str]


class Bans:
    """The bans in force, and those of the last day."""

    def __init__(self) -> None:
        self._bans: OrderedDict[Key, Ban] = OrderedDict()
        self._last_end = 0.0  # when the last of them all is over: until then it is worth looking

    def __len__(self) -> int:
        return len(self._bans)

    def is_any(self, now: float) -> bool:
        """Whether there may be a ban at all; costs nothing on a quiet day."""
        return now < self._last_end

    def begin(self, scope: Scope, place: str, account: str, failures: int, now: float) -> Ban:
        """Ban a place (twice as long as the last time), or an account at a place."""
        key = _key(scope, place, account)
        last = self._bans.pop(key, None)
        times = last.times + 1 if last and now - last.until < _REMEMBERED_S else 1
        lasts_s = min(_FIRST_S * 2 ** min(times - 1, 16), _LONGEST_S)
        if scope is not Scope.PLACE:
            lasts_s = _LOGIN_S
        ban = Ban(scope, place, account, failures, now, now + lasts_s, times)
        if len(self._bans) >= _ROOM:
            self._bans.popitem(last=False)
        self._bans[key] = ban
        self._last_end = max(self._last_end, ban.until)
        return ban

    def is_in_force(self, scope: Scope, place: str, account: str, now: float) -> bool:
        ban = self._bans.get(_key(scope, place, account))
        return ban is not None and now < ban.until

    def listed(self, now: float) -> list[Ban]:
        """The bans in force, oldest first."""
        return [ban for ban in self._bans.values() if now < ban.until]

    def lift(self, name: str, now: float) -> int:
        """End the bans of a place or of an account; returns how many were in force."""
        keys = [key for key, ban in self._bans.items() if name in (ban.place, ban.account)]
        return sum(1 for key in keys if now < self._bans.pop(key).until)


def _key(scope: Scope, place: str, account: str) -> Key:
    return (scope, place, account if scope is Scope.LOGIN else "")
