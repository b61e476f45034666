"""What an examined city line sounded like, and what follows: findings, proposed settings.

PURE. Observations -> Diagnosis. Dial tone is told among all countries' by its frequencies, the
tones of a call by frequencies and rhythm; a setting is proposed only when what was heard leaves one
answer. Keys of findings are stable: ``commands/line_doctor_words.py`` has their sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from appliance.config.busy_tone import BusyTone, parse_busy_tone
from appliance.config.model import Line
from appliance.media.api import ToneHeard, ToneWatch
from appliance.media.tone_watches import tone_watch
from drivers.api import Capabilities
from drivers.country import MOST_HEARD, CountryProfile, ToneToHear

#: Between frequencies of different countries' tones are 15 Hz and more; of a tone's own, fewer.
_NEAR_HZ = 25.0
_LEAST_MS = 25  # native/detect_tones.c: how far a rhythm may be off, or a tenth
_DIAL_LEAST_MS = 500
#: Dial tone at the set, each frequency: exchanges send -10 to -13, a long line takes 10 away.
_LOUD_DBM0, _FAINT_DBM0 = -5.0, -27.0
_WANTED_DBM0 = -14.0
_SLOW_S = 2.0  # needs_dial_tone waits for 3
_GOOD_ERLE_DB = 15.0
_CALL_TONES = ("busy", "congestion", "ringback", "sit")


class Verdict(Enum):
    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Sound:
    """A tone as it was heard. watched_hz, pattern_ms: of the watch that told it; after_s: since the
    line was seized (dial tone) or since the last digit."""

    tone: str
    watched_hz: tuple[float, ...]
    pattern_ms: tuple[int, ...]
    frequency_hz: float
    level_dbm0: float
    on_ms: int
    off_ms: int
    after_s: float


@dataclass(frozen=True, slots=True)
class Observations:
    """All that one examination saw. has_called: a number was dialled; reversals_s: since the last
    digit; caller_id: how the last caller's number came, empty = not known; rhythm: heard after the
    digits, and no country's; seen_at_ends: the same, sounding while calls ended."""

    dial: Sound | None
    has_called: bool = False
    sounds: tuple[Sound, ...] = ()
    reversals_s: tuple[float, ...] = ()
    loop_breaks_ms: tuple[int, ...] = ()
    erle_db: float | None = None
    echo_delay_ms: float | None = None
    caller_id: str = ""
    rhythm: BusyTone | None = None
    seen_at_ends: BusyTone | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """key: stable; params: what its sentence names."""

    key: str
    verdict: Verdict
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """proposed: fields of the line's settings and better values."""

    findings: tuple[Finding, ...]
    proposed: Mapping[str, Any]


# ---- what to listen for


def dial_watches(profiles: Iterable[CountryProfile]) -> tuple[ToneWatch, ...]:
    """Every country's dial tone, each set of frequencies once."""
    sets = {h.frequencies_hz: h for p in profiles for h in p.heard if h.tone == "dial"}
    return tuple(
        ToneWatch(f"dial {n}", hz, least_ms=_DIAL_LEAST_MS)
        for n, hz in enumerate(list(sets)[:MOST_HEARD])
    )


def call_watches(profiles: Iterable[CountryProfile]) -> tuple[ToneWatch, ...]:
    """What may come after the digits, of countries whose dial tone fitted; the likeliest first."""
    found: dict[tuple[Any, ...], ToneToHear] = {}
    known = list(profiles)
    for tone in _CALL_TONES:
        for heard in (h for p in known for h in p.heard if h.tone == tone):
            found.setdefault((tone, heard.frequencies_hz, heard.pattern_ms), heard)
    return tuple(
        tone_watch(heard, name=f"{heard.tone} {n}")
        for n, heard in enumerate(list(found.values())[:MOST_HEARD])
    )


def sound_of(event: ToneHeard, watches: Iterable[ToneWatch], after_s: float) -> Sound | None:
    """The tone behind an event; None when it is not one of these watches'."""
    for watch in watches:
        if watch.tone == event.tone:
            tone = watch.tone.partition(" ")[0]
            return Sound(
                tone,
                watch.frequencies_hz,
                watch.pattern_ms,
                event.frequency_hz,
                event.level_dbm0,
                event.on_ms,
                event.off_ms,
                after_s,
            )
    return None


# ---- which country it is


def fitting(sound: Sound, profiles: Iterable[CountryProfile]) -> tuple[CountryProfile, ...]:
    """Countries that have this tone: so many frequencies, the nearest of them, the same rhythm."""
    known = list(profiles)
    by_rhythm = [(p, _distance_hz(sound, p)) for p in known]
    nearest = min((hz for _, hz in by_rhythm), default=_NEAR_HZ + 1)
    return tuple(p for p, hz in by_rhythm if hz <= _NEAR_HZ and hz == nearest)


def _distance_hz(sound: Sound, profile: CountryProfile) -> float:
    """How far the first frequency is from this country's; more than _NEAR_HZ = another tone."""
    return min(
        (
            abs(heard.frequencies_hz[0] - sound.frequency_hz)
            for heard in profile.heard
            if heard.tone == sound.tone
            and len(heard.frequencies_hz) == len(sound.watched_hz)
            and _is_rhythm(sound, heard.pattern_ms)
        ),
        default=_NEAR_HZ + 1,
    )


def _is_rhythm(sound: Sound, pattern_ms: tuple[int, ...]) -> bool:
    if len(pattern_ms) != 2 or sound.tone == "ringback":
        return pattern_ms == sound.pattern_ms  # the pause of one ringing is not measured
    pairs = zip((sound.on_ms, sound.off_ms), pattern_ms, strict=True)
    return all(abs(ms - wanted) <= max(_LEAST_MS, wanted / 10) for ms, wanted in pairs)


# ---- the verdict


def diagnose(
    seen: Observations, line: Line, country: str, can: Capabilities, profiles: Iterable[Any]
) -> Diagnosis:
    """country: the line's, as it is set (or the site's)."""
    known = tuple(profiles)
    findings: list[Finding] = []
    proposed: dict[str, Any] = {}
    for part, more in (
        _dial_tone(seen, line),
        _country(seen, country, known),
        _call(seen, can, line),
        _busy_tone(seen, line),
        _echo(seen, line, can),
        _caller_id(seen, line, can),
    ):
        findings += part
        proposed |= more
    return Diagnosis(tuple(findings), proposed)


_Part = tuple[list[Finding], dict[str, Any]]


def _dial_tone(seen: Observations, line: Line) -> _Part:
    sound = seen.dial
    if sound is None:
        return [Finding("no_dial_tone", Verdict.BAD)], {}
    findings = [Finding("dial_tone", Verdict.OK, _words(sound))]
    proposed: dict[str, Any] = {}
    if sound.after_s > _SLOW_S:
        findings.append(
            Finding("dial_tone_slow", Verdict.WARN, {"after_s": f"{sound.after_s:.1f}"})
        )
    level_dbm0 = sound.level_dbm0 + line.receive_gain_db  # detectors hear before the gain
    if not _FAINT_DBM0 <= level_dbm0 <= _LOUD_DBM0:
        key = "level_faint" if level_dbm0 < _FAINT_DBM0 else "level_loud"
        findings.append(Finding(key, Verdict.WARN, {"level_dbm0": f"{level_dbm0:.0f}"}))
        proposed["receive_gain_db"] = max(-24, min(12, round(_WANTED_DBM0 - sound.level_dbm0)))
    return findings, proposed


def _country(seen: Observations, country: str, known: tuple[CountryProfile, ...]) -> _Part:
    heard = [s for s in (seen.dial, *seen.sounds) if s is not None and s.tone != "sit"]
    fits = known
    for sound in heard:
        here = fitting(sound, known)
        fits = tuple(p for p in fits if p in here)
    if not heard:
        return [], {}
    codes = [p.country for p in fits]
    params = {"country": country, "fits": ", ".join(codes)}
    if country in codes:
        return [Finding("country_fits", Verdict.OK, params)], {}
    if not codes:
        return [Finding("country_unknown", Verdict.WARN, params)], {}
    proposed = {"country": codes[0]} if len(codes) == 1 else {}
    return [Finding("country_differs", Verdict.BAD, params)], proposed


def _call(seen: Observations, can: Capabilities, line: Line) -> _Part:
    if not seen.has_called:
        return [Finding("not_called", Verdict.OK)], {}
    findings = [Finding(s.tone, Verdict.OK, _words(s)) for s in seen.sounds]
    proposed: dict[str, Any] = {}
    if not seen.sounds and seen.rhythm is None:
        findings.append(Finding("call_silent", Verdict.BAD))
    has_rung = any(s.tone == "ringback" for s in seen.sounds)
    if seen.reversals_s:
        after_s = {"after_s": f"{seen.reversals_s[0]:.1f}"}
        findings.append(Finding("reversal", Verdict.OK, after_s))
        if has_rung and line.answer_by != "polarity":
            proposed["answer_by"] = "polarity"
    else:
        findings += _no_reversal(line, can)
    for ms in seen.loop_breaks_ms:
        findings.append(Finding("loop_break", Verdict.OK, {"ms": str(ms)}))
        if "loop_break" not in line.hangs_up_on:
            proposed["hangs_up_on"] = [*line.hangs_up_on, "loop_break"]
    return findings, proposed


def _busy_tone(seen: Observations, line: Line) -> _Part:
    """A busy tone that no country has: heard now, seen while calls ended, learned before."""
    learned = parse_busy_tone(line.busy_tone)
    heard = seen.rhythm or seen.seen_at_ends
    if heard is not None and not (learned is not None and learned.is_like(heard)):
        key = "busy_unknown" if seen.rhythm is not None else "busy_seen"
        return [Finding(key, Verdict.WARN, _tone_words(heard))], {"busy_tone": str(heard)}
    if learned is not None:
        return [Finding("busy_learned", Verdict.OK, _tone_words(learned))], {}
    return [], {}


def _tone_words(tone: BusyTone) -> dict[str, str]:
    hz = " + ".join(map(str, tone.frequencies_hz))
    return {"hz": hz, "rhythm": tone.rhythm}


def _no_reversal(line: Line, can: Capabilities) -> list[Finding]:
    """Nobody may have answered: only a port that cannot hear reversals at all is certain."""
    if can.polarity:
        return [Finding("no_reversal", Verdict.OK)]
    verdict = Verdict.BAD if line.answer_by == "polarity" else Verdict.OK
    return [Finding("deaf_to_reversals", verdict)]


def _echo(seen: Observations, line: Line, can: Capabilities) -> _Part:
    if not can.needs_echo_canceller:
        return [Finding("echo_none", Verdict.OK)], {}
    if not line.cancels_echo:
        return [Finding("echo_off", Verdict.WARN)], {"cancels_echo": True}
    if seen.erle_db is None:
        return [Finding("echo_unmeasured", Verdict.OK)], {}
    delay = "?" if seen.echo_delay_ms is None else f"{seen.echo_delay_ms:.0f}"
    verdict = Verdict.OK if seen.erle_db >= _GOOD_ERLE_DB else Verdict.WARN
    params = {"erle_db": f"{seen.erle_db:.0f}", "delay_ms": delay}
    return [Finding("echo", verdict, params)], {}


def _caller_id(seen: Observations, line: Line, can: Capabilities) -> _Part:
    if not can.caller_id:
        return [Finding("caller_id_deaf", Verdict.WARN)], {}
    if seen.caller_id:
        return [Finding("caller_id", Verdict.OK, {"source": seen.caller_id})], {}
    return [Finding("caller_id_unseen", Verdict.OK)], {}


def _words(sound: Sound) -> dict[str, str]:
    """hz: of the tone that was listened for, the first as it was measured."""
    hz = (sound.frequency_hz, *sound.watched_hz[1:])
    return {
        "hz": " + ".join(f"{value:.0f}" for value in hz),
        "level_dbm0": f"{sound.level_dbm0:.0f}",
        "after_s": f"{max(0.0, sound.after_s):.1f}",
        "on_ms": str(sound.on_ms),
        "off_ms": str(sound.off_ms),
    }
