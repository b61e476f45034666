"""One telephone's bell: when RM is high, how F/R turns, and how a lift is felt under the current.

PURE; times are monotonic nanoseconds. Rounds of ringing begin when the SLIC has rested and somebody
gives them current (``begin_round``). While RM is high SHK pulses with the ringing current, so that
only a level that lasts is a lifted phone; F/R is then held high from its next edge on, and RM falls
20 ms after that was written, however late (ring trip: 10 to 500 ms are allowed).
"""

from __future__ import annotations

from drivers.fxs_i2c.ringing import LONGEST_BURST_MS, MS, DutyMeter, Kind, Ringer, Round

TRIP_HOLD_MS = 20  # F/R held, before RM falls
#: A lifted phone while it rings: SHK high in so many polls, a low one taking two of them back.
TRIP_POLLS, TRIP_PENALTY = 4, 2
#: The longest burst, and a trip at its end.
MOST_HIGH_NS = (LONGEST_BURST_MS + 3 * TRIP_HOLD_MS) * MS


class RingTrip:
    """How a lifted phone's bell ends: F/R goes high on its grid and stays, then RM falls."""

    def __init__(self) -> None:
        self._turn_ns: int | None = None  # F/R goes high
        self._fall_ns: int | None = None  # RM falls; unknown until F/R is held

    def begin(self, turn_ns: int) -> None:
        self._turn_ns, self._fall_ns = turn_ns, None

    def forget(self) -> None:
        self._turn_ns = self._fall_ns = None

    def is_on(self, now_ns: int) -> bool:
        """RM."""
        if self._turn_ns is None:
            return False
        return self._fall_ns is None or now_ns < self._fall_ns

    def is_forward(self, now_ns: int) -> bool:
        """F/R."""
        return self._turn_ns is None or now_ns >= self._turn_ns

    def wrote(self, as_of_ns: int, now_ns: int) -> None:
        """The pins are as they were to be at as_of_ns, since now_ns at the latest."""
        has_turned = self._turn_ns is not None and as_of_ns >= self._turn_ns
        if has_turned and self._fall_ns is None:
            self._fall_ns = now_ns + TRIP_HOLD_MS * MS

    @property
    def due(self) -> list[int]:
        """When its pins change, as far as that is known."""
        return [moment for moment in (self._turn_ns, self._fall_ns) if moment is not None]


class Bell:
    """half_ns: half a period of the ringing current."""

    def __init__(self, half_ns: int) -> None:
        self._half_ns = half_ns
        self._ringer: Ringer | None = None
        self._meter = DutyMeter()
        self.trip = RingTrip()
        self._high_polls = 0
        self._lifted_ns = 0

    @property
    def is_ringing(self) -> bool:
        """Asked to ring, its pauses included."""
        return self._ringer is not None

    @property
    def wanted_ns(self) -> int:
        """When its next round was to begin."""
        return self._ringer.wanted_ns if self._ringer is not None else 0

    # ---- what the pins shall be

    def is_on(self, now_ns: int) -> bool:
        """RM."""
        if self._ringer is not None:
            return self._ringer.kind(now_ns) is Kind.RING
        return self.trip.is_on(now_ns)

    def is_forward(self, now_ns: int) -> bool:
        """F/R."""
        if self._ringer is not None:
            return self._ringer.is_forward(now_ns)
        return self.trip.is_forward(now_ns)

    # ---- ringing

    def ring(self, rounds: tuple[Round, ...], now_ns: int) -> None:
        self._ringer = Ringer(rounds, self._half_ns, now_ns)
        self._high_polls = 0

    def stop(self) -> None:
        """RM low at once, but for a lifted phone: its ring trip is finished first."""
        self._ringer = None

    def wants_round(self, now_ns: int) -> bool:
        """Rested enough for the next round, which waits for current alone."""
        ringer = self._ringer
        if ringer is None or not ringer.is_waiting or now_ns < ringer.wanted_ns:
            return False
        return self._meter.owed_ns(now_ns) == 0

    def begin_round(self, start_ns: int, now_ns: int) -> None:
        if self._ringer is not None:
            self._ringer.begin(start_ns)
            self._high_polls = 0
            self._meter.note(self.is_on(now_ns), now_ns)

    def needs_current(self, now_ns: int) -> bool:
        """Its round is before the end of its last burst."""
        return self._ringer is not None and self._ringer.needs_current(now_ns)

    def grid_after(self, now_ns: int) -> int | None:
        """The next edge of F/R, on which another bell may begin."""
        return self._ringer.grid_after(now_ns) if self._ringer is not None else None

    # ---- time

    def advance(self, now_ns: int) -> tuple[int, int] | None:
        """All that is due; the caller id's window (from, until) when it has come."""
        self._meter.note(self.is_on(now_ns), now_ns)
        if self._ringer is None:
            return None
        self._ringer.advance(now_ns)
        return self._ringer.window(now_ns)

    def is_overdue(self, now_ns: int) -> bool:
        """RM was high for longer than anybody may ask for."""
        return self._meter.high_for_ns(now_ns) > MOST_HIGH_NS

    def feel(self, is_high: bool, now_ns: int) -> int | None:
        """SHK while RM is high; when the phone was lifted, once that is sure (ring trip)."""
        if self._ringer is None:
            return None
        if not is_high:
            self._high_polls = max(0, self._high_polls - TRIP_PENALTY)
            return None
        if not self._high_polls:
            self._lifted_ns = now_ns
        self._high_polls += 1
        if self._high_polls < TRIP_POLLS:
            return None
        is_forward = self._ringer.is_forward(now_ns)
        self.trip.begin(now_ns if is_forward else self._ringer.next_change(now_ns))
        self._ringer = None
        return self._lifted_ns

    def next_change(self, now_ns: int) -> int | None:
        """When a pin or anything else changes; None = nothing by itself."""
        due = self.trip.due
        if self._ringer is not None and self._ringer.is_waiting:
            due.append(max(self._ringer.wanted_ns, now_ns + self._meter.owed_ns(now_ns)))
        elif self._ringer is not None:
            due.append(self._ringer.next_change(now_ns))
        return min((moment for moment in due if moment > now_ns), default=None)
