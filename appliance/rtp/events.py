"""Telephone events in RTP (RFC 4733): the payload, and whole key presses out of its packets.

PURE. Each press is told once, though every packet of it may be repeated, out of order or lost.
``KeyReader`` is the reference for native/keys.c.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from appliance.errors import RemoteProtocolError

DIGITS = "0123456789*#ABCD!"  # event codes 0-16 (RFC 4733 §3.2); the last is the flash of a hook
LONGEST_SEGMENT = 0xFFFF
KEY_GAP_S = 0.2  # silence that ends an event whose last packets were all lost
FORGET_S = 10.0  # after that a timestamp that goes back is a new beginning
_PAYLOAD = struct.Struct("!BBH")


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """One payload (§2.3). duration: RTP clock units so far; volume: dBm0 below zero, 0-63."""

    code: int
    duration: int
    is_end: bool = False
    volume: int = 10


@dataclass(frozen=True, slots=True)
class KeyPress:
    """One key, pressed and released. duration: RTP clock units."""

    digit: str
    duration: int


def decode_event(payload: bytes) -> TelephoneEvent:
    """The event in an RTP payload; raises RemoteProtocolError when it is too short."""
    if len(payload) < _PAYLOAD.size:
        raise RemoteProtocolError("telephone-event cut off", section="RFC 4733 §2.3")
    code, flags, duration = _PAYLOAD.unpack_from(payload)
    return TelephoneEvent(code, duration, bool(flags & 0x80), flags & 0x3F)


def encode_event(event: TelephoneEvent) -> bytes:
    """The four octets of an event."""
    return _PAYLOAD.pack(event.code, event.is_end << 7 | event.volume, event.duration)


class KeyReader:
    """Whole key presses of one stream; ``now`` in seconds of a monotonic clock."""

    __slots__ = ("_code", "_duration", "_earlier", "_heard", "_is_open", "_source")

    def __init__(self) -> None:
        self._source: tuple[int, int] | None = None  # ssrc, timestamp
        self._code = 0
        self._duration = 0
        self._earlier = 0
        self._heard = 0.0
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """A press began and was not told yet."""
        return self._is_open

    def hear(
        self, ssrc: int, rtp_timestamp: int, event: TelephoneEvent, now: float
    ) -> tuple[KeyPress, ...]:
        """The presses that this packet makes whole: none, one, or two."""
        if event.code >= len(DIGITS) or self._is_outdated(ssrc, rtp_timestamp, now):
            return ()
        whole: tuple[KeyPress, ...] = ()
        if self._source != (ssrc, rtp_timestamp):
            if self._is_next_segment(rtp_timestamp, event.code):
                self._earlier += LONGEST_SEGMENT
            else:
                whole = self._finish()
                self._earlier = 0
                self._code = event.code
                self._is_open = True
            self._source = (ssrc, rtp_timestamp)
            self._duration = 0
        self._duration = max(self._duration, event.duration)
        self._heard = now
        return whole + self._finish() if event.is_end else whole

    def expire(self, now: float) -> tuple[KeyPress, ...]:
        """The press whose last packets never came, KEY_GAP_S after the last that did."""
        return self._finish() if now - self._heard > KEY_GAP_S else ()

    def _finish(self) -> tuple[KeyPress, ...]:
        if not self._is_open:
            return ()
        self._is_open = False
        return (KeyPress(DIGITS[self._code], self._earlier + self._duration),)

    def _is_outdated(self, ssrc: int, rtp_timestamp: int, now: float) -> bool:
        if self._source is None or self._source[0] != ssrc or now - self._heard >= FORGET_S:
            return False
        return (rtp_timestamp - self._source[1]) & 0xFFFFFFFF >= 1 << 31

    def _is_next_segment(self, rtp_timestamp: int, code: int) -> bool:
        """§2.5.1.3: an event longer than the field goes on under a new timestamp."""
        if not self._is_open or self._source is None or code != self._code:
            return False
        step = (rtp_timestamp - self._source[1]) & 0xFFFFFFFF
        return self._duration == LONGEST_SEGMENT and step == LONGEST_SEGMENT
