"""The gate: whose messages are read at all, asked for each message before it is parsed.

PURE; the facade of this package. A datagram of somebody known costs one look-up. Strangers have a
small budget each and one in common, so that a crowd of them leaves room for everybody known; who is
banned, has spent his budget, or says that he is a scanner gets no answer. Bounded memory.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from math import inf

from appliance.guard.bans import Ban, Scope
from appliance.guard.budget import Bucket, Rate
from appliance.guard.logins import WINDOW_S, Logins, Surroundings
from appliance.guard.signatures import Signatures
from appliance.guard.tally import Tally
from appliance.sip.events import Hop

SEATS = 4096
_LOOK_AGAIN_S = 2.0


class Standing(Enum):
    """What an address is to us."""

    OWN = "own"  # this machine itself, when loopback counts as the office's
    LAN = "lan"
    TRUNK = "trunk"
    KNOWN = "known"  # somebody proved himself there
    STRANGER = "stranger"


#: Messages a second, and at once after a quiet time. A call takes about ten messages.
RATES = {
    Standing.LAN: Rate(400, 4000),
    Standing.TRUNK: Rate(1000, 4000),
    Standing.KNOWN: Rate(100, 1000),
    Standing.STRANGER: Rate(10, 60),
}
ALL_STRANGERS = Rate(100, 300)
_LIMITED = {
    Scope.PLACE: "place_banned",
    Scope.LOGIN: "login_barred",
    Scope.NEW_LOGINS: "logins_barred",
}
_ALERTS_IN_A_WINDOW = 10
OnAlert = Callable[[str, str], None]


class _Seat:
    """One address that speaks to us."""

    __slots__ = ("bucket", "is_stranger", "look_again_at", "place", "standing")

    def __init__(self, place: str, standing: Standing, now: float) -> None:
        self.place = place
        self.standing = standing
        self.is_stranger = standing is Standing.STRANGER
        self.bucket = Bucket(RATES[standing], now) if standing in RATES else None
        is_fixed = standing in (Standing.OWN, Standing.LAN)
        self.look_again_at = inf if is_fixed else now + _LOOK_AGAIN_S


class Gate:
    """Seats, budgets, bans. unanswered: messages that were dropped, by reason, since the start."""

    def __init__(self, around: Surroundings, scanners: Signatures, on_alert: OnAlert) -> None:
        self.logins = Logins(around)
        self.unanswered = {"banned": 0, "budget": 0, "crowd": 0, "scanner": 0}
        self._around = around
        self._scanners = scanners
        self._on_alert = on_alert
        self._seats: dict[str, _Seat] = {}
        self._crowd = Bucket(ALL_STRANGERS, 0.0)
        self._told: Tally[str] = Tally(_ALERTS_IN_A_WINDOW, WINDOW_S, len(_LIMITED))
        self._flood_told_at = -inf

    def __len__(self) -> int:
        """How many addresses have a seat (for leak tests)."""
        return len(self._seats)

    def configure(self) -> None:
        """Look at everybody anew: networks and trunks may have changed."""
        self._seats.clear()

    # ---- messages

    def admits(self, data: bytes, source: Hop, now: float) -> bool:
        """Whether this message is read; it is dropped without an answer otherwise."""
        seat = self._seats.get(source.host)
        if seat is None or now >= seat.look_again_at:
            seat = self._look(source.host, seat, now)
        bucket = seat.bucket
        if bucket is not None and not bucket.take(now):
            self.unanswered["budget"] += 1
            if not seat.is_stranger:
                self._tell_flood(source.host, now)
            return False
        return not seat.is_stranger or self._admits_stranger(seat, data, now)

    def admits_connection(self, host: str, now: float) -> bool:
        """Whether a stream from this address is taken at all."""
        is_stranger = self.is_stranger(host, now)
        return not (is_stranger and self._is_banned(self.logins.place(host), now))

    def is_stranger(self, host: str, now: float) -> bool:
        """Whether nobody has proved himself at this address, and it is neither LAN nor trunk."""
        return self._stand(host, now) is Standing.STRANGER

    def _admits_stranger(self, seat: _Seat, data: bytes, now: float) -> bool:
        if self._is_banned(seat.place, now):
            self.unanswered["banned"] += 1
        elif not self._crowd.take(now):
            self.unanswered["crowd"] += 1
            self._tell_flood("", now)
        elif self._scanners.match(data):
            self.unanswered["scanner"] += 1
        else:
            return True
        return False

    def _is_banned(self, place: str, now: float) -> bool:
        bans = self.logins.bans
        return bans.is_any(now) and bans.is_in_force(Scope.PLACE, place, "", now)

    def _look(self, host: str, seat: _Seat | None, now: float) -> _Seat:
        """Find out who this is; whoever is the same as before keeps his budget."""
        standing = self._stand(host, now)
        place = self.logins.place(host)
        seat = seat or self._seats.get(place)
        if seat is None or seat.standing is not standing:
            if len(self._seats) >= SEATS:
                self._make_room()
            seat = self._seats[place] = _Seat(place, standing, now)
        if host in self._seats or len(self._seats) < SEATS:
            self._seats[host] = seat  # a short cut: addresses of a network are without end
        if seat.look_again_at < inf:
            seat.look_again_at = now + _LOOK_AGAIN_S
        return seat

    def _make_room(self) -> None:
        """Strangers leave, all at once: what holds a crowd of them is the budget in common."""
        self._seats = {host: seat for host, seat in self._seats.items() if not seat.is_stranger}
        if len(self._seats) >= SEATS:
            self._seats.clear()

    def _stand(self, host: str, now: float) -> Standing:
        if self._around.is_lan(host):
            return Standing.OWN if host.startswith("127.") or host == "::1" else Standing.LAN
        if self._around.is_trunk(host):
            return Standing.TRUNK
        if self.logins.homes.is_known(self.logins.place(host), now):
            return Standing.KNOWN
        return Standing.STRANGER

    # ---- logins

    def may_try(self, account: str, source: Hop, now: float) -> bool:
        """Whether this account is open to who comes from here; it does not exist otherwise."""
        return self.logins.may_try(account, source, now)

    def proved(self, account: str, source: Hop, now: float) -> None:
        """An account proved itself: its place is a stranger's no more."""
        place = self.logins.place(source.host)
        if self.logins.homes.proved(place, account, now):
            self._seats.pop(source.host, None)
            self._seats.pop(place, None)

    def failed(self, account: str, source: Hop, now: float) -> None:
        """Credentials were wrong, of a known account or of an unknown one."""
        what = self.logins.failed(account, source, now)
        for ban in what.bans:
            self._tell_ban(ban, now)
        if what.is_attack:
            self._on_alert("account_attacked", account)

    # ---- alerts

    def _tell_ban(self, ban: Ban, now: float) -> None:
        """An attack from a thousand places is no thousand alerts: the list of bans has them all."""
        key = _LIMITED[ban.scope]
        if not self._told.is_reached(key, now):
            self._told.add(key, now)
            self._on_alert(key, f"{ban.place} {ban.failures} {ban.lasts_s:.0f} {ban.account}")

    def _tell_flood(self, host: str, now: float) -> None:
        if now - self._flood_told_at >= WINDOW_S:
            self._flood_told_at = now
            self._on_alert("flood", host)
