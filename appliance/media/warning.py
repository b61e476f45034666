"""The tone that says in a call that it will be ended: three short beeps, twice for the last time.

PURE. ITU-T E.180 has no tone for this. One pitch of 1,400 Hz is none of the countries' tones that
mean that a call is over, whatever listens at the other end of a line.
"""

from __future__ import annotations

from functools import cache

from appliance.rtp.g711 import Law
from appliance.rtp.tones import Segment, Tone, render_tone

WARNING_HZ = 1400
_BEEPS = (Segment((WARNING_HZ,), 100), Segment((), 60)) * 3
_LEVEL_DBM0 = -13.0


@cache
def warning_octets(law: Law, *, is_last: bool) -> bytes:
    """G.711 octets: half a second, the last time a second."""
    segments = (*_BEEPS, Segment((), 120), *_BEEPS) if is_last else _BEEPS
    return render_tone(Tone(segments, _LEVEL_DBM0), law)
