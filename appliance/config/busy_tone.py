"""A busy tone that a line learned, as its setting writes it: ``425 200/600``, ``480+620 250/250``.

PURE. Frequencies in Hz, then how long it sounds and how long it pauses, in ms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FORM = re.compile(r"(\d{3})(?:\+(\d{3}))? (\d{2,4})/(\d{2,4})")
#: What the detector measures (media.api.CadenceHeard).
HZ, MS = (300, 700), (75, 1000)
#: Two measurements of one tone are no farther apart.
_NEAR_HZ, _NEAR_MS = 10, 25


@dataclass(frozen=True, slots=True)
class BusyTone:
    """frequencies_hz: one, or two at once, the lower first."""

    frequencies_hz: tuple[int, ...]
    on_ms: int
    off_ms: int

    def __str__(self) -> str:
        return f"{'+'.join(map(str, self.frequencies_hz))} {self.on_ms}/{self.off_ms}"

    def is_like(self, other: BusyTone) -> bool:
        """Whether both are measurements of the same tone."""
        pairs = zip(self.frequencies_hz, other.frequencies_hz, strict=False)
        return (
            len(self.frequencies_hz) == len(other.frequencies_hz)
            and all(abs(one - two) <= _NEAR_HZ for one, two in pairs)
            and abs(self.on_ms - other.on_ms) <= _NEAR_MS
            and abs(self.off_ms - other.off_ms) <= _NEAR_MS
        )


def parse_busy_tone(text: str) -> BusyTone | None:
    """None = empty, or written in no such way."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    hz = tuple(sorted(int(each) for each in found.group(1, 2) if each))
    on_ms, off_ms = int(found[3]), int(found[4])
    is_heard = all(HZ[0] <= each <= HZ[1] for each in hz)
    is_heard = is_heard and all(MS[0] <= each <= MS[1] for each in (on_ms, off_ms))
    return BusyTone(hz, on_ms, off_ms) if is_heard else None
