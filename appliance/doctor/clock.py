"""Is the clock right? A sane year, and whether the kernel's clock is kept by NTP.

Owns nothing: asks the kernel (adjtimex(2), which says TIME_ERROR while nobody keeps the clock).
"""

from __future__ import annotations

import ctypes
import time

from appliance.doctor.finding import Finding, Patient, fault, ok, warning

_FIRST_YEAR, _LAST_YEAR = 2025, 2045
_TIME_ERROR = 5
_TIMEX_OCTETS = 512  # of struct timex, with room to spare on every architecture


def check(patient: Patient) -> list[Finding]:
    """The year, and NTP."""
    return judge(time.time(), is_kept())


def judge(now: float, is_synchronized: bool | None) -> list[Finding]:
    """now: epoch seconds; is_synchronized: None when the kernel does not tell."""
    shown = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now))
    if not _FIRST_YEAR <= time.gmtime(now).tm_year <= _LAST_YEAR:
        return [fault("clock.year", now=shown)]
    if is_synchronized is None:
        return [ok("clock.sane", now=shown)]
    return [ok("clock.kept", now=shown) if is_synchronized else warning("clock.alone", now=shown)]


def is_kept() -> bool | None:
    """Whether NTP keeps the kernel's clock; None where it cannot be asked."""
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return None
    state = adjtimex(ctypes.create_string_buffer(_TIMEX_OCTETS))
    return None if state < 0 else bool(state != _TIME_ERROR)
