"""The codecs that the box carries, and the static payload types (RFC 3551 §6).

PURE data. A codec that is not listed here is dropped from every offer: the box relays what it
knows, so that an office's calls stay recordable and a gateway's odd codec surprises nobody.
"""

from __future__ import annotations

from collections.abc import Iterable

from appliance.sdp.media import Codec

#: Lower-case name -> (name as registered, clock rate in Hz or 0 = any, channels).
CARRIED: dict[str, tuple[str, int, int]] = {
    "pcma": ("PCMA", 8000, 1),
    "pcmu": ("PCMU", 8000, 1),
    "g722": ("G722", 8000, 1),  # RFC 3551 §4.5.2: 8000 by an old mistake, samples at 16 kHz
    "opus": ("opus", 48000, 2),  # RFC 7587 §7: always 48000/2
    "g729": ("G729", 8000, 1),
    "telephone-event": ("telephone-event", 0, 1),  # RFC 4733
    "cn": ("CN", 0, 1),  # RFC 3389
}

#: Names that carry no voice by themselves.
AUXILIARY = frozenset({"telephone-event", "CN"})

#: Payload types that need no rtpmap.
STATIC: dict[int, Codec] = {
    0: Codec(0, "PCMU", 8000),
    8: Codec(8, "PCMA", 8000),
    9: Codec(9, "G722", 8000),
    13: Codec(13, "CN", 8000),
    18: Codec(18, "G729", 8000),
}

PCMA = STATIC[8]
PCMU = STATIC[0]
TELEPHONE_EVENT = Codec(101, "telephone-event", 8000, 1, "0-16")


def same_codec(a: Codec, b: Codec) -> bool:
    """True when both name one format; payload types and fmtp may differ."""
    return a.name == b.name and a.clock_rate_hz == b.clock_rate_hz and a.channels == b.channels


def find_codec(codec: Codec, among: Iterable[Codec]) -> Codec | None:
    """The same format in another description, under its payload type there."""
    return next((c for c in among if same_codec(c, codec)), None)


def has_voice(codecs: Iterable[Codec]) -> bool:
    """True when at least one of them carries voice."""
    return any(c.name not in AUXILIARY for c in codecs)
