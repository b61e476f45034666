"""How a line learns what busy sounds like where no country's profile has it.

PURE; time is an argument. The media core measures every rhythm (media.api.CadenceHeard). What
still sounds when a call ends by another sign was the exchange saying that nobody is there: the
second time it is taken for busy tone. A rhythm that goes on and on is a hang-up by itself.
"""

from __future__ import annotations

from typing import Protocol

from appliance.config.busy_tone import BusyTone
from appliance.media.api import CadenceHeard, ToneWatch

#: A line that nobody else frees is freed after so long a rhythm: a stuck line is let go in 10 s.
STUCK_MS = 8000
#: One ending might be chance.
SIGHTINGS = 2
_FOUND_MS = 2800  # after so long a busy tone is to be known, where its period lets that be
_LEAST_CYCLES = 3
_MOST_CYCLES = 8
_LEAST_TURNS, _MOST_TURNS = 2, 4  # of two sounds
_LATE_S = 0.5


def tone_of(heard: CadenceHeard) -> BusyTone:
    """As it was measured, to 5 Hz and 5 ms: finer is chance. Of two sounds in turn the longer is
    the first, whichever was heard first."""
    hz = tuple(_to_five(each) for each in heard.frequencies_hz)
    one = _to_five(heard.on_ms), _to_five(heard.off_ms)
    two = _to_five(heard.second_on_ms), _to_five(heard.second_off_ms)
    return BusyTone(hz, *max(one, two), *min(one, two))


def watch_for(tone: BusyTone) -> ToneWatch:
    """The learned tone as busy, known within 3 s if three of its periods are no longer."""
    period_ms = sum(tone.pattern_ms)
    cycles = (_FOUND_MS + tone.pattern_ms[-1]) // period_ms
    least, most = (
        (_LEAST_TURNS, _MOST_TURNS) if tone.second_on_ms else (_LEAST_CYCLES, _MOST_CYCLES)
    )
    return ToneWatch(
        tone="busy",
        frequencies_hz=tuple(map(float, tone.frequencies_hz)),
        pattern_ms=tone.pattern_ms,
        cycles=max(least, min(most, cycles)),
    )


class Standing:
    """The rhythm that sounds now on one line, in one call."""

    def __init__(self) -> None:
        self._heard: CadenceHeard | None = None
        self._heard_at = 0.0

    def hear(self, heard: CadenceHeard, now: float) -> bool:
        """True when it has sounded for so long that nobody can be there any more."""
        self._heard, self._heard_at = heard, now
        return heard.lasted_ms >= STUCK_MS

    def tone(self, now: float) -> BusyTone | None:
        """What still sounds; a rhythm is told at the end of each of its periods."""
        heard = self._heard
        if heard is None:
            return None
        period_s = sum(tone_of(heard).pattern_ms) / 1000
        return tone_of(heard) if now - self._heard_at <= period_s + _LATE_S else None


class BusyLearning:
    """What one line has seen. seen: the last unknown tone at an end; times: how often in a row."""

    def __init__(self, seen: BusyTone | None = None, times: int = 0) -> None:
        self.seen = seen
        self.times = times

    def ended_by(self, tone: BusyTone, known: BusyTone | None) -> BusyTone | None:
        """A call ended while this sounded; what is to be learned now, None = nothing yet."""
        if known is not None and known.is_like(tone):
            return None
        is_again = self.seen is not None and self.seen.is_like(tone)
        self.seen, self.times = tone, self.times + 1 if is_again else 1
        return tone if self.times >= SIGHTINGS else None


class BusyMemory(Protocol):
    """Of every line, by its name; longer than a line's post and a run of the box live."""

    def of(self, line: str) -> BusyLearning:
        """What this line has seen."""

    def saw(self, line: str) -> None:
        """``of(line)`` has changed: it is to be kept."""

    def learn(self, line: str, tone: BusyTone) -> None:
        """This is its busy tone from now on; the settings will say it."""


def _to_five(value: float) -> int:
    return 5 * round(value / 5)
