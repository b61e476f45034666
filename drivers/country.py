"""What differs from country to country on a pair of wires: one profile, read from countries/*.toml.

Owns a cache of data files that come with the program. Tones, ringing, hook windows, caller id,
ways to learn of a hang-up, levels. Every figure in a file has its source beside it, or the mark
[M] (from memory) or [P] (our proposal); no driver and no C code holds a figure of a country.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any

from drivers.api import Cadence, LineError
from drivers.hook import HookTimes

#: Names that people use for a code.
ALIASES = {"UK": "GB"}
#: Longer than any pulse: 8 a second, make 33 %, is 84 ms.
_LONGEST_BREAK_MS = 91
#: What the media core can listen for in the audio (media.api.Listening.caller_id).
CALLER_ID_METHODS = ("fsk_v23", "fsk_bell202", "dtmf", "aon")
CALLER_ID_MOMENTS = ("after_first_ring", "after_reversal", "after_ring_pulse", "never")
TONES = ("dial", "ringback", "busy", "congestion", "sit", "call_waiting", "stutter")
MOST_HEARD = 12  # native/detect.h: DETECT_WATCHES


@dataclass(frozen=True, slots=True)
class ToneSegment:
    """These frequencies together (none = silence) for so long."""

    frequencies_hz: tuple[float, ...]
    duration_ms: int


@dataclass(frozen=True, slots=True)
class ToneToSend:
    """One period of a tone for our own telephones; level_dbm0 is of each frequency by itself."""

    segments: tuple[ToneSegment, ...]
    level_dbm0: float


@dataclass(frozen=True, slots=True)
class ToneToHear:
    """How a tone of the exchange is recognised; the fields of media.api.ToneWatch."""

    tone: str
    frequencies_hz: tuple[float, ...]
    pattern_ms: tuple[int, ...] = ()
    cycles: int = 1
    least_ms: int = 0
    tolerance_hz: float = 25.0
    is_in_turn: bool = False


@dataclass(frozen=True, slots=True)
class Ringing:
    """How a phone is rung here."""

    frequency_hz: float
    cadence: Cadence


@dataclass(frozen=True, slots=True)
class HookPlan:
    """What we accept from a phone on an FXS port and what we make on an FXO port.

    Where the flash window begins among the breaks of a dial (DE, GB), such a break is a pulse, and
    a 1 in the middle of a call a flash: nobody dials by pulses there, and no flash is one of two.
    """

    debounce_ms: int
    pulse_longest_ms: int
    flash_ms: tuple[int, int]
    flash_send_ms: int
    digit_gap_ms: int = 200

    @property
    def has_short_flash(self) -> bool:
        """A flash may be as short as a pulse."""
        return self.flash_ms[0] <= self.pulse_longest_ms

    @property
    def times(self) -> HookTimes:
        """For a HookReader."""
        least, longest = self.flash_ms
        return HookTimes(self.debounce_ms, self.pulse_longest_ms, least, longest, self.digit_gap_ms)


@dataclass(frozen=True, slots=True)
class PulsePlan:
    """How we dial by pulses into the exchange, in ms."""

    break_ms: int
    make_ms: int
    gap_ms: int


@dataclass(frozen=True, slots=True)
class CallerIdPlan:
    """hear: what may come from the exchange, all listened for at once (``aon`` never by itself).
    show: how our phones are told, and at which moment; shows_waiting: who knocks is told to a phone
    that talks, too (FSK after the alerting signal and the phone's answer)."""

    hear: tuple[str, ...]
    show: str
    moment: str
    shows_waiting: bool = False


@dataclass(frozen=True, slots=True)
class DisconnectPlan:
    """How a hang-up of the far end is known, beside busy and congestion tone.

    dial_tone_ms: the exchange's dial tone for so long in a call. loop_break_ms: an open loop (CPC)
    of at least so long; 0 = not used. loop_open_ms: what we give to a machine on an FXS port.
    """

    dial_tone_ms: int
    loop_break_ms: int
    loop_open_ms: int


@dataclass(frozen=True, slots=True)
class Levels:
    """Gains on an FXO or FXS line, and the level of keys that we send."""

    receive_db: float
    transmit_db: float
    key_dbm0: float


@dataclass(frozen=True, slots=True)
class CountryProfile:
    """One file of countries/. t35: the country byte of ITU-T T.35 for modems (AT+GCI)."""

    country: str
    t35: int
    ringing: Ringing
    hook: HookPlan
    pulse: PulsePlan
    caller_id: CallerIdPlan
    disconnect: DisconnectPlan
    levels: Levels
    tones: Mapping[str, ToneToSend]
    heard: tuple[ToneToHear, ...]


def country_codes() -> tuple[str, ...]:
    """ISO codes of the countries that have a profile."""
    entries = resources.files(__package__).joinpath("countries").iterdir()
    return tuple(sorted(e.name[:-5].upper() for e in entries if e.name.endswith(".toml")))


@cache
def country_profile(country: str) -> CountryProfile:
    """A country's profile by its ISO code, in either case; LineError ``line.unknown_country``."""
    code = ALIASES.get(country.upper(), country.upper())
    if code not in country_codes():
        known = ", ".join(country_codes())
        raise LineError("line.unknown_country", f"{country} is not one of {known}")
    file = resources.files(__package__).joinpath("countries", f"{code.lower()}.toml")
    return parse_profile(tomllib.loads(file.read_text(encoding="utf-8")))


def parse_profile(data: Mapping[str, Any]) -> CountryProfile:
    """A profile out of its data; ValueError names the field that is missing or makes no sense."""
    try:
        profile = _profile(data)
    except KeyError as error:
        raise ValueError(f"country profile: {error.args[0]} is missing") from error
    except TypeError as error:
        raise ValueError(f"country profile: {error}") from error
    problems = list(_problems(profile))
    if problems:
        raise ValueError(f"country profile {profile.country}: {'; '.join(problems)}")
    return profile


def _profile(data: Mapping[str, Any]) -> CountryProfile:
    ring = data["ring"]
    return CountryProfile(
        country=data["country"],
        t35=data["t35"],
        ringing=Ringing(ring["frequency_hz"], Cadence(tuple(ring["cadence_ms"]))),
        hook=HookPlan(**_values(HookPlan, data["hook"])),
        pulse=PulsePlan(**_values(PulsePlan, data["pulse"])),
        caller_id=CallerIdPlan(**_values(CallerIdPlan, data["caller_id"])),
        disconnect=DisconnectPlan(**_values(DisconnectPlan, data["disconnect"])),
        levels=Levels(**_values(Levels, data["levels"])),
        tones={name: _tone(table) for name, table in data["tones"].items()},
        heard=tuple(ToneToHear(**_values(ToneToHear, table)) for table in data["hear"]),
    )


def _values(kind: type[Any], table: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(table) - {field.name for field in fields(kind)}
    if unknown:
        raise TypeError(f"{kind.__name__} knows no {', '.join(sorted(unknown))}")
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def _tone(table: Mapping[str, Any]) -> ToneToSend:
    segments = tuple(ToneSegment(tuple(hz), int(ms)) for hz, ms in table["segments"])
    return ToneToSend(segments, float(table["level_dbm0"]))


def _problems(profile: CountryProfile) -> list[str]:
    hook, caller_id = profile.hook, profile.caller_id
    checks = {
        "ring.cadence_ms needs an on and an off for each burst": _is_cadence(profile.ringing),
        "hook.flash_ms must be [least, most]": hook.flash_ms[0] < hook.flash_ms[1],
        "hook.pulse_longest_ms is no pulse's": hook.pulse_longest_ms
        < max(hook.flash_ms[0], _LONGEST_BREAK_MS),
        "hook.flash_send_ms lies outside flash_ms": _is_within(hook.flash_send_ms, hook.flash_ms),
        "caller_id.hear names an unknown method": set(caller_id.hear) <= set(CALLER_ID_METHODS),
        "caller_id.show is an unknown method": caller_id.show in CALLER_ID_METHODS,
        "caller_id.moment is unknown": caller_id.moment in CALLER_ID_MOMENTS,
        "caller_id.shows_waiting needs FSK": not caller_id.shows_waiting
        or caller_id.show.startswith("fsk"),
        "t35 must be one octet": 0 <= profile.t35 <= 255,
        "tones lack some of " + ", ".join(TONES): set(TONES) <= set(profile.tones),
        f"hear has more than {MOST_HEARD} tones": len(profile.heard) <= MOST_HEARD,
        "hear has no busy": any(heard.tone == "busy" for heard in profile.heard),
    }
    return [problem for problem, is_well in checks.items() if not is_well]


def _is_cadence(ringing: Ringing) -> bool:
    pattern = ringing.cadence.pattern_ms
    return len(pattern) > 0 and len(pattern) % 2 == 0 and all(ms > 0 for ms in pattern)


def _is_within(value: int, window: tuple[int, int]) -> bool:
    return window[0] <= value <= window[1]
