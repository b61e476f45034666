"""Which tries to log in are looked at, and what wrong ones lead to.

PURE. A stranger's place is banned after ten wrong passwords in ten minutes. Where phones of the
office live (the LAN, a provider, a place that proved itself) only the account that is tried is
barred there, and after thirty failures every account that is not at home there. An account that is
tried from many places is open to its homes and the LAN alone. Who may not try an account is treated
as if it did not exist. The registered phone itself is never barred.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from appliance.guard.bans import Ban, Bans, Scope
from appliance.guard.homes import Homes
from appliance.guard.place import place_of
from appliance.guard.tally import Tally
from appliance.sip.events import Hop

WINDOW_S = 600.0
PLACE_FAILURES = 10
LOGIN_FAILURES = 10
SHARED_PLACE_FAILURES = 30
ACCOUNT_FAILURES = 20
PLACE_SHARE = 10  # of these at most from one place: an old phone somewhere is no attack
_PLACES_KEPT = 8192
_ACCOUNTS_KEPT = 1024
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the guard asks of the house.

    is_lan, is_trunk: of a literal address; is_account: of a name; lives_at: whether a phone of
    this account is registered from that very address and port.
    """

    is_lan: Callable[[str], bool]
    is_trunk: Callable[[str], bool]
    is_account: Callable[[str], bool]
    lives_at: Callable[[str, Hop], bool]


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a failure led to: bans that began, and whether the account counts as attacked now."""

    bans: tuple[Ban, ...] = ()
    is_attack: bool = False


class Logins:
    """Failures, homes and bans."""

    def __init__(self, around: Surroundings) -> None:
        self.bans = Bans()
        self.homes = Homes()
        self._around = around
        self._places: Tally[str] = Tally(PLACE_FAILURES, WINDOW_S, _PLACES_KEPT)
        self._shared: Tally[str] = Tally(SHARED_PLACE_FAILURES, WINDOW_S, _PLACES_KEPT)
        self._logins: Tally[tuple[str, str]] = Tally(LOGIN_FAILURES, WINDOW_S, _PLACES_KEPT)
        self._accounts: Tally[str] = Tally(ACCOUNT_FAILURES, WINDOW_S, _ACCOUNTS_KEPT)
        self._shares: Tally[tuple[str, str]] = Tally(PLACE_SHARE, WINDOW_S, _PLACES_KEPT)

    def place(self, host: str) -> str:
        """Where this address counts; neighbours in the LAN share a network and are told apart."""
        return host if self._around.is_lan(host) else place_of(host)

    def may_try(self, account: str, source: Hop, now: float) -> bool:
        """Whether this account is open to who comes from here."""
        account = account[:_LONGEST_NAME]
        is_attacked = self._accounts.is_reached(account, now)
        if not is_attacked and not self.bans.is_any(now):
            return True
        if self._around.lives_at(account, source):
            return True
        place = self.place(source.host)
        if self._is_barred(place, account, now):
            return False
        is_inside = self._around.is_lan(source.host) or self.homes.is_home(place, account, now)
        return is_inside or not is_attacked

    def failed(self, account: str, source: Hop, now: float) -> Consequence:
        """Note a wrong password, of a known account or of an unknown one."""
        around = self._around
        account = account[:_LONGEST_NAME]
        if around.lives_at(account, source):
            return Consequence()
        place = self.place(source.host)
        is_lan = around.is_lan(source.host)
        if is_lan or self.homes.is_known(place, now) or around.is_trunk(source.host):
            bans = self._failed_at_shared(place, account, now)
        else:
            bans = self._failed_at_stranger(place, account, now)
        return Consequence(bans, not is_lan and self._is_new_attack(place, account, now))

    def attacked(self, now: float) -> list[str]:
        """Accounts that are tried from many places now."""
        return self._accounts.reached(now)

    def forgive(self, name: str, now: float) -> int:
        """Forget all that is held against a place (an address in it does) or an account; how many
        bans were in force."""
        name = self.place(name)
        count = self.bans.lift(name, now) + self._accounts.is_reached(name, now)
        self._accounts.forget(name)
        self._places.forget(name)
        self._shared.forget(name)
        for tally in (self._logins, self._shares):
            for key in tally.counted():
                if name in key:
                    tally.forget(key)
        return count

    def _is_barred(self, place: str, account: str, now: float) -> bool:
        in_force = self.bans.is_in_force
        if in_force(Scope.LOGIN, place, account, now):
            return True
        is_home = self.homes.is_home(place, account, now)
        return not is_home and in_force(Scope.NEW_LOGINS, place, "", now)

    def _failed_at_stranger(self, place: str, account: str, now: float) -> tuple[Ban, ...]:
        if not self._places.add(place, now):
            return ()
        self._places.forget(place)
        return (self.bans.begin(Scope.PLACE, place, account, PLACE_FAILURES, now),)

    def _failed_at_shared(self, place: str, account: str, now: float) -> tuple[Ban, ...]:
        if self._is_barred(place, account, now):
            return ()  # a phone that goes on trying must not go on being barred
        found = []
        if self._logins.add((place, account), now):
            self._logins.forget((place, account))
            found.append(self.bans.begin(Scope.LOGIN, place, account, LOGIN_FAILURES, now))
        if self._shared.add(place, now):
            self._shared.forget(place)
            failures = SHARED_PLACE_FAILURES
            found.append(self.bans.begin(Scope.NEW_LOGINS, place, account, failures, now))
        return tuple(found)

    def _is_new_attack(self, place: str, account: str, now: float) -> bool:
        """Count for an account that exists: unknown ones have nothing to lose, and no end."""
        if not self._around.is_account(account):
            return False
        if self._accounts.is_reached(account, now):
            return False  # nobody's guess: it was not looked at
        if self._shares.is_reached((place, account), now):
            return False
        self._shares.add((place, account), now)
        return self._accounts.add(account, now)
