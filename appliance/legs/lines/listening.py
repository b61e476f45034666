"""What the media core shall listen for on a line, made of its country's profile.

PURE. Before the answer every tone of the exchange counts; in a call only what can be a hang-up, and
the keys of the party.
"""

from __future__ import annotations

from dataclasses import replace

from appliance.config.busy_tone import parse_busy_tone
from appliance.config.model import Line
from appliance.legs.lines.busy_learning import watch_for
from appliance.media.api import Listening, ToneWatch
from appliance.media.tone_watches import tone_watch, tone_watches
from drivers.country import CountryProfile, ToneToHear

_OVER = ("busy", "congestion")


def for_dial_tone(profile: CountryProfile) -> Listening:
    return Listening(tones=tone_watches(profile, ("dial", "busy", "congestion")))


def for_progress(profile: CountryProfile, line: Line) -> Listening:
    """After the digits, until somebody answers."""
    heard = ("ringback", "busy", "congestion", "sit")
    again = tone_watches(profile, ("dial",), dial_least_ms=3000)
    tones = (*learned(line), *tone_watches(profile, heard), *_bursts(profile), *again)
    return Listening(tones=tones, cadence=True)


def learned(line: Line) -> tuple[ToneWatch, ...]:
    """The busy tone that this line learned, if it has."""
    tone = parse_busy_tone(line.busy_tone)
    return (watch_for(tone),) if tone is not None else ()


def in_call(profile: CountryProfile, line: Line) -> Listening:
    """While people talk: their keys, and what tells that the far end is gone."""
    methods = line.hangs_up_on
    tones: tuple[ToneWatch, ...] = ()
    if "busy_tone" in methods:
        tones = (*learned(line), *tone_watches(profile, _OVER))
    if "dial_tone" in methods:
        least_ms = profile.disconnect.dial_tone_ms or 3000
        tones = (*tones, *tone_watches(profile, ("dial",), dial_least_ms=least_ms))
    silence_s = float(line.silence_s) if "silence" in methods else 0.0
    cadence = "busy_tone" in methods
    return Listening(keys=True, tones=tones, silence_s=silence_s, cadence=cadence)


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
    burst = replace(shortest, pattern_ms=(), cycles=1)
    return (tone_watch(burst, least_ms=least_ms),)


def _first(heard: ToneToHear) -> int:
    return heard.pattern_ms[0]
