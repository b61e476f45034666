"""A SLIC (Ag1171, KS0835F) and the telephone on it: what SHK does for what the pins are given.

Knows nothing of drivers; times are nanoseconds of whatever clock. SHK follows the loop 5 ms later,
bounce and all. With ringing current it pulses after each reversal, and while the phone is lifted it
drops out there for a moment. After PD was let go the outputs are invalid for 50 ms.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass
from itertools import count

MS = 1_000_000
DETECT_NS, WAKE_NS = 5 * MS, 50 * MS


@dataclass(frozen=True)
class Manners:
    """How this SLIC with this telephone behaves. ac_pulse_ms: how long SHK is high after each
    reversal of the ringing current with the phone on its hook; gap_ms: how long low, lifted."""

    ac_pulse_ms: float = 6.0
    gap_ms: float = 1.5
    bounce_ms: float = 2.0
    seed: int = 1


class Slic:
    """Pins in: rm, fr, is_fed. Pin out: SHK, as changes with their times (``changes_until``)."""

    def __init__(self, manners: Manners | None = None) -> None:
        self.manners = manners or Manners()
        self.rm, self.fr, self.is_fed = False, True, True
        self.is_closed = False  # the loop itself, without bounce
        self.closed_since_ns = 0
        self._random = random.Random(self.manners.seed)
        self._due: list[tuple[int, int, str, bool]] = []
        self._order = count()
        self._seen: dict[str, bool] = {"loop": False, "ac": False, "gap": False, "noise": False}
        self._is_waking = False
        self._shk = False

    # ---- the telephone

    def loop(self, is_closed: bool, at_ns: int, *, bounces: bool = True) -> None:
        """Hook or dial contact at a time that has not come yet; the contact bounces first."""
        self._push(at_ns, "contact", is_closed)
        if bounces and self.manners.bounce_ms:
            length = round(self.manners.bounce_ms * MS)
            for offset in sorted(self._random.randrange(length) for _ in range(4)):
                self._push(at_ns + DETECT_NS + offset, "loop", self._random.random() < 0.5)
            at_ns += length
        self._push(at_ns + DETECT_NS, "loop", is_closed)

    def lift(self, at_ns: int) -> None:
        self.loop(True, at_ns)

    def hang_up(self, at_ns: int) -> None:
        self.loop(False, at_ns)

    def flash(self, at_ns: int, lasts_ms: float) -> int:
        """The end of it."""
        end = at_ns + round(lasts_ms * MS)
        self.loop(False, at_ns)
        self.loop(True, end)
        return end

    def dial(self, digit: str, at_ns: int, pps: float = 10.0, make_share: float = 0.4) -> int:
        """A rotary dial: the end of the last make."""
        period = 1e9 / pps
        for n in range(int(digit) or 10):
            begin = at_ns + round(n * period)
            self.loop(False, begin)
            self.loop(True, begin + round(period * (1 - make_share)))
        return at_ns + round((int(digit) or 10) * period)

    # ---- pins

    def drive(self, rm: bool, fr: bool, is_fed: bool, now_ns: int) -> None:
        """The expander's outputs have changed."""
        if fr != self.fr:
            self._push(now_ns, "gap", True)
            self._push(now_ns + round(self.manners.gap_ms * MS), "gap", False)
            if rm:
                self._push(now_ns + MS, "ac", True)
                self._push(now_ns + MS + round(self.manners.ac_pulse_ms * MS), "ac", False)
        if is_fed and not self.is_fed:
            self._push(now_ns, "waking", True)
            for _ in range(6):
                self._push(now_ns + self._random.randrange(WAKE_NS), "noise", True)
                self._push(now_ns + self._random.randrange(WAKE_NS), "noise", False)
            self._push(now_ns + WAKE_NS, "waking", False)
        self.rm, self.fr, self.is_fed = rm, fr, is_fed

    def changes_until(self, now_ns: int) -> list[tuple[int, bool]]:
        """Every change of SHK up to now, in order."""
        changes: list[tuple[int, bool]] = []
        self._settle(changes, now_ns)
        while self._due and self._due[0][0] <= now_ns:
            at_ns, _, what, value = heapq.heappop(self._due)
            if what == "contact":
                if value and not self.is_closed:
                    self.closed_since_ns = at_ns
                self.is_closed = value
            elif what == "waking":
                self._is_waking = value
            else:
                self._seen[what] = value
            self._settle(changes, at_ns)
        return changes

    def _settle(self, changes: list[tuple[int, bool]], at_ns: int) -> None:
        shk = self._level()
        if shk != self._shk:
            self._shk = shk
            changes.append((at_ns, shk))

    def _level(self) -> bool:
        seen = self._seen
        if not self.is_fed:
            return False
        if self._is_waking:
            return seen["noise"]
        if seen["loop"]:
            return not seen["gap"]
        return self.rm and seen["ac"]

    def _push(self, at_ns: int, what: str, value: bool) -> None:
        heapq.heappush(self._due, (at_ns, next(self._order), what, value))
