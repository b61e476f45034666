"""Caller id as sound for a telephone on our wires: what its country's phones understand.

PURE but for the C generator that it calls. FSK (EN 300 659, GR-30), with the alerting tone first
where the line is reversed, or DTMF. When it is played is the driver's (CallerIdWindow), or, to a
phone that talks, the desk's (legs/lines/fxs_knock.py).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from appliance.media.signals import Generator
from appliance.rtp.g711 import Law, encode_g711
from drivers.caller_id import encode_dtmf, encode_mdmf
from drivers.country import CountryProfile, ToneSegment
from drivers.events import CallerIdRecord

FSK_DBM0, KEY_DBM0, ALERT_DBM0, REQUEST_DBM0 = -13.5, -10.0, -15.0, -4.3
#: EN 300 659-1 §6.1.2: DT-AS for 88-110 ms, then 45-500 ms.
ALERT = (ToneSegment((2130.0, 2750.0), 100), ToneSegment((), 150))
#: To a phone that talks (EN 300 659-2 §6, GR-575): 75-85 ms; and bits before the message, which
#: needs none to wake.
WAITING_ALERT = (ToneSegment((), 30), ToneSegment((2130.0, 2750.0), 80))
OFF_HOOK_BITS = (0, 80)
LEAD_MS, KEY_ON_MS, KEY_OFF_MS = 40, 70, 70
RATE_HZ = 8000
_FSK = ("fsk_v23", "fsk_bell202")


def caller_id_sound(record: CallerIdRecord, profile: CountryProfile, window_ms: int) -> bytes:
    """A-law octets at 8 kHz that fit into so many ms, a long name left out if need be.

    Empty where even the number alone does not fit.
    """
    for shown in (record, replace(record, name=""), replace(record, name="", time="")):
        octets = _sound(shown, profile)
        if len(octets) * 1000 <= window_ms * RATE_HZ:
            return octets
    return b""


def waiting_alert(profile: CountryProfile) -> bytes:
    """A-law octets of the call waiting tone, then the signal that a phone answers by a key."""
    make, tone = Generator(), profile.tones["call_waiting"]
    beeps = tone.segments[:-1]  # what follows is the long pause
    sounds = make.tone(beeps, level_dbm0=tone.level_dbm0)
    return encode_g711(sounds + make.tone(WAITING_ALERT, level_dbm0=ALERT_DBM0), Law.PCMA)


def waiting_sound(record: CallerIdRecord, profile: CountryProfile) -> bytes:
    """A-law octets of who knocks, for a phone that has answered."""
    make, plan = Generator(), profile.caller_id
    method = plan.show if plan.show in _FSK else _FSK[0]
    lead = make.tone([ToneSegment((), LEAD_MS)], level_dbm0=0.0)
    message = encode_mdmf(record)
    data = make.caller_id(message, method, bits=OFF_HOOK_BITS, level_dbm0=FSK_DBM0)
    return encode_g711(lead + data, Law.PCMA)


@cache
def aon_request() -> bytes:
    """A-law octets of 500 Hz for 100 ms, which ask a Russian exchange who calls."""
    request = Generator().tone([ToneSegment((500.0,), 100)], level_dbm0=REQUEST_DBM0)
    return encode_g711(request, Law.PCMA)


def _sound(record: CallerIdRecord, profile: CountryProfile) -> bytes:
    make, plan = Generator(), profile.caller_id
    parts = [make.tone([ToneSegment((), LEAD_MS)], level_dbm0=0.0)]
    if plan.show == "dtmf":
        keys = encode_dtmf(record)
        parts.append(make.keys(keys, on_ms=KEY_ON_MS, off_ms=KEY_OFF_MS, level_dbm0=KEY_DBM0))
    else:
        if plan.moment == "after_reversal":
            parts.append(make.tone(ALERT, level_dbm0=ALERT_DBM0))
        parts.append(make.caller_id(encode_mdmf(record), plan.show, level_dbm0=FSK_DBM0))
    return encode_g711(b"".join(parts), Law.PCMA)
