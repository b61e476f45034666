"""Keys pressed in SIP INFO: application/dtmf-relay and application/dtmf bodies, and flashes.

PURE. No RFC defines these bodies (RFC 6086 only the carrier); phones in the field send all of them.
A flash comes as ``application/hook-flash`` (``signal=hf``), as ``Signal=16`` among the keys, as
``event flashhook`` (``application/broadsoft``) or ``event=flashhook`` (``application/sscc``).
"""

from __future__ import annotations

from appliance.call.leg import FLASH

_KEYS = frozenset("0123456789*#ABCD") | {FLASH}
_NAMES = {"10": "*", "11": "#", "16": FLASH, "hf": FLASH, "flash": FLASH}
_DEFAULT_MS = 160
_HOOK = "application/hook-flash"
_EVENTS = ("application/broadsoft", "application/sscc")


def digit_of_info(content_type: str, body: bytes) -> tuple[str, int] | None:
    """The key and its duration in ms that an INFO carries, or None if it carries no key."""
    text = body.decode("ascii", "replace")
    if content_type == "application/dtmf":
        return _known(text.strip(), _DEFAULT_MS)
    if content_type == _HOOK:
        return FLASH, _DEFAULT_MS
    if content_type in _EVENTS:
        words = text.replace("=", " ").lower().split()
        return (FLASH, _DEFAULT_MS) if words[:2] == ["event", "flashhook"] else None
    if content_type != "application/dtmf-relay":
        return None
    fields = dict(_pairs(text))
    duration = fields.get("duration", "")
    is_figure = duration.isascii() and duration.isdigit() and len(duration) <= 9
    milliseconds = int(duration) if is_figure else _DEFAULT_MS
    return _known(fields.get("signal", ""), min(milliseconds, 10_000))


def info_of_digit(digit: str, duration_ms: int) -> tuple[str, bytes]:
    """Content type and body that pass this key on."""
    if digit == FLASH:
        return _HOOK, b"signal=hf\r\n"
    return "application/dtmf-relay", f"Signal={digit}\r\nDuration={duration_ms}\r\n".encode()


def _pairs(text: str) -> list[tuple[str, str]]:
    lines = (line.partition("=") for line in text.splitlines())
    return [(name.strip().lower(), value.strip()) for name, _, value in lines]


def _known(key: str, duration_ms: int) -> tuple[str, int] | None:
    key = _NAMES.get(key.lower(), key.upper())
    return (key, duration_ms) if key in _KEYS else None
