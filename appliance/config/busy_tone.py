"""A busy tone that a line learned, as its setting writes it: ``425 200/600``, ``480+620 250/250``,
``400 400/350 225/525``.

PURE. Frequencies in Hz, then how long it sounds and how long it pauses, in ms; twice where two
kinds of sound take turns (the UK's congestion tone).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_STEP = r" (\d{2,4})/(\d{2,4})"
_FORM = re.compile(rf"(\d{{3}})(?:\+(\d{{3}}))?{_STEP}(?:{_STEP})?")
#: What the detector measures (media.api.CadenceHeard).
HZ, MS = (300, 700), (75, 1000)
#: Two measurements of one tone are no farther apart.
_NEAR_HZ, _NEAR_MS = 10, 25


@dataclass(frozen=True, slots=True)
class BusyTone:
    """frequencies_hz: one, or two at once, the lower first; second_on_ms, second_off_ms: of every
    other sound, 0 = all are alike."""

    frequencies_hz: tuple[int, ...]
    on_ms: int
    off_ms: int
    second_on_ms: int = 0
    second_off_ms: int = 0

    def __str__(self) -> str:
        return f"{'+'.join(map(str, self.frequencies_hz))} {self.rhythm}"

    @property
    def rhythm(self) -> str:
        """Sounds and pauses alone, as the setting writes them."""
        second = f" {self.second_on_ms}/{self.second_off_ms}" if self.second_on_ms else ""
        return f"{self.on_ms}/{self.off_ms}{second}"

    @property
    def pattern_ms(self) -> tuple[int, ...]:
        """One period: on, off (, on, off)."""
        second = (self.second_on_ms, self.second_off_ms) if self.second_on_ms else ()
        return (self.on_ms, self.off_ms, *second)

    def is_like(self, other: BusyTone) -> bool:
        """Whether both are measurements of the same tone, wherever each began."""
        pairs = zip(self.frequencies_hz, other.frequencies_hz, strict=False)
        one, two = self.pattern_ms, other.pattern_ms
        return (
            len(self.frequencies_hz) == len(other.frequencies_hz)
            and all(abs(one - two) <= _NEAR_HZ for one, two in pairs)
            and (_are_near(one, two) or _are_near(one, two[2:] + two[:2]))
        )


def _are_near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(abs(a - b) <= _NEAR_MS for a, b in pairs)


def parse_busy_tone(text: str) -> BusyTone | None:
    """None = empty, or written in no such way."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    hz = tuple(sorted(int(each) for each in found.group(1, 2) if each))
    lengths = tuple(int(each) for each in found.group(3, 4, 5, 6) if each)
    is_heard = all(HZ[0] <= each <= HZ[1] for each in hz)
    is_heard = is_heard and all(MS[0] <= each <= MS[1] for each in lengths)
    return BusyTone(hz, *lengths) if is_heard else None
