"""A country's tones (drivers.country) as what the media core is asked to listen for.

PURE. The one place where ``ToneToHear`` becomes ``ToneWatch``: a driver's data knows nothing of the
media, and media.api nothing of countries. Which tones count when is legs/lines/listening.py's.
"""

from __future__ import annotations

from collections.abc import Container

from appliance.media.api import ToneWatch
from drivers.country import CountryProfile, ToneToHear


def tone_watch(heard: ToneToHear, *, name: str = "", least_ms: int = 0) -> ToneWatch:
    """name: how it shall be told, empty = by its own; least_ms: a continuous tone lasts at least so
    long, if the profile does not ask for more."""
    return ToneWatch(
        tone=name or heard.tone,
        frequencies_hz=heard.frequencies_hz,
        pattern_ms=heard.pattern_ms,
        cycles=heard.cycles,
        least_ms=max(heard.least_ms, least_ms),
        tolerance_hz=heard.tolerance_hz,
        is_in_turn=heard.is_in_turn,
    )


def tone_watches(
    profile: CountryProfile, names: Container[str] | None = None, *, dial_least_ms: int = 0
) -> tuple[ToneWatch, ...]:
    """The tones of these names, None = all of the country's.

    dial_least_ms: how long dial tone must last; before dialling the profile's own (0) will do, in a
    call ``disconnect.dial_tone_ms`` keeps a ringback burst from being taken for it.
    """
    return tuple(
        tone_watch(heard, least_ms=dial_least_ms if heard.tone == "dial" else 0)
        for heard in profile.heard
        if names is None or heard.tone in names
    )
