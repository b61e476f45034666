"""What the media core shall listen for on a line, made of its country's profile.

PURE. Before the answer every tone of the exchange counts; in a call only what can be a hang-up, and
the keys of the party.
"""

from __future__ import annotations

from dataclasses import replace

from appliance.config.model import Line
from appliance.media.api import Listening, ToneWatch
from drivers.country import CountryProfile, ToneToHear

_OVER = ("busy", "congestion")


def for_dial_tone(profile: CountryProfile) -> Listening:
    return Listening(tones=_watches(profile, ("dial", "busy", "congestion")))


def for_progress(profile: CountryProfile) -> Listening:
    """After the digits, until somebody answers."""
    heard = ("ringback", "busy", "congestion", "sit")
    again = _watches(profile, ("dial",), least_ms=3000)
    return Listening(tones=(*_watches(profile, heard), *_bursts(profile), *again))


def in_call(profile: CountryProfile, line: Line) -> Listening:
    """While people talk: their keys, and what tells that the far end is gone."""
    methods = line.hangs_up_on
    tones: tuple[ToneWatch, ...] = ()
    if "busy_tone" in methods:
        tones = _watches(profile, _OVER)
    if "dial_tone" in methods:
        least_ms = profile.disconnect.dial_tone_ms or 3000
        tones = (*tones, *_watches(profile, ("dial",), least_ms=least_ms))
    silence_s = float(line.silence_s) if "silence" in methods else 0.0
    return Listening(keys=True, tones=tones, silence_s=silence_s)


def for_keys() -> Listening:
    """A telephone of ours that dials or talks."""
    return Listening(keys=True)


def for_caller_id(profile: CountryProfile) -> Listening:
    """While a city line rings and its device leaves the caller id to us."""
    return Listening(caller_id=profile.caller_id.hear)


def for_aon() -> Listening:
    """After we asked the exchange who calls."""
    return Listening(caller_id=("aon",))


def ringback_period_s(profile: CountryProfile) -> float:
    """The longest ringing tone's period."""
    periods = [sum(h.pattern_ms) for h in profile.heard if h.tone == "ringback"]
    return max(periods, default=6000) / 1000


def _bursts(profile: CountryProfile) -> tuple[ToneWatch, ...]:
    """One burst of the ringing tone is known before its pause: an answer may come in that."""
    rings = [h for h in profile.heard if h.tone == "ringback" and h.pattern_ms]
    if not rings:
        return ()
    shortest = min(rings, key=_first)
    least_ms = int(0.7 * _first(shortest))
    watch = watch_of(shortest, least_ms=least_ms)
    return (replace(watch, pattern_ms=(), cycles=1),)


def _first(heard: ToneToHear) -> int:
    return heard.pattern_ms[0]


def _watches(
    profile: CountryProfile, names: tuple[str, ...], least_ms: int = 0
) -> tuple[ToneWatch, ...]:
    return tuple(
        watch_of(heard, least_ms=least_ms) for heard in profile.heard if heard.tone in names
    )


def watch_of(heard: ToneToHear, *, tone: str = "", least_ms: int = 0) -> ToneWatch:
    """A country's tone as the core listens for it; tone: another name to tell it by."""
    return ToneWatch(
        tone=tone or heard.tone,
        frequencies_hz=heard.frequencies_hz,
        pattern_ms=heard.pattern_ms,
        cycles=heard.cycles,
        least_ms=max(heard.least_ms, least_ms),
        tolerance_hz=heard.tolerance_hz,
        is_in_turn=heard.is_in_turn,
    )
