"""Keys pressed in SIP INFO: application/dtmf-relay and application/dtmf bodies.

PURE. No RFC defines these two bodies (RFC 6086 only the carrier); phones in the field send both.
"""

from __future__ import annotations

_KEYS = frozenset("0123456789*#ABCD")
_DEFAULT_MS = 160


def digit_of_info(content_type: str, body: bytes) -> tuple[str, int] | None:
    """The key and its duration in ms that an INFO carries, or None if it carries no key."""
    text = body.decode("ascii", "replace")
    if content_type == "application/dtmf":
        return _known(text.strip(), _DEFAULT_MS)
    if content_type != "application/dtmf-relay":
        return None
    fields = dict(_pairs(text))
    duration = fields.get("duration", "")
    is_figure = duration.isascii() and duration.isdigit() and len(duration) <= 9
    milliseconds = int(duration) if is_figure else _DEFAULT_MS
    return _known(fields.get("signal", ""), min(milliseconds, 10_000))


def info_of_digit(digit: str, duration_ms: int) -> tuple[str, bytes]:
    """Content type and body that pass this key on."""
    return "application/dtmf-relay", f"Signal={digit}\r\nDuration={duration_ms}\r\n".encode()


def _pairs(text: str) -> list[tuple[str, str]]:
    lines = (line.partition("=") for line in text.splitlines())
    return [(name.strip().lower(), value.strip()) for name, _, value in lines]


def _known(key: str, duration_ms: int) -> tuple[str, int] | None:
    key = {"10": "*", "11": "#"}.get(key, key.upper())
    return (key, duration_ms) if key in _KEYS else None
