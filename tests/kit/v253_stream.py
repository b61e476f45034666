"""The voice stream of an emulated modem: shielding, its transmit buffer, echo, DLE codes in band.

PURE (ITU-T V.253 §8). A stream is duplex (+VTR), to the line (+VTX) or from it (+VRX). Buffer and
samples are the modem's: an empty buffer is told as DLE u, an unread one as DLE o.
"""

from __future__ import annotations

from enum import Enum

from tests.kit.v253_audio import Format
from tests.kit.v253_models import Model

DLE, ETX = 0x10, 0x03
_CANCEL, _SUB = 0x18, 0x1A
_MOST_UNREAD = 16000  # octets that a host may leave unread before samples are thrown away
_ENDS = {"duplex": b"^", "to_line": b"\x03", "from_line": b"!\x1b"}


class Way(Enum):
    DUPLEX = "duplex"
    TO_LINE = "to_line"
    FROM_LINE = "from_line"


class Stream:
    """One stream from CONNECT to DLE ETX."""

    def __init__(self, model: Model, form: Format, way: Way) -> None:
        self.model, self.form, self.way = model, form, way
        self.buffer = bytearray()  # octets for the line, unshielded
        self.is_ending = False  # the host said so; DLE ETX is due when the buffer is played
        self.ignored_ends = 0  # a stuck stream: so many end codes are not heard
        self.underruns = self.overruns = self.refused = 0
        self.unwanted = 0  # octets for the line while it is heard: +VRX takes codes alone
        self.most_buffered = 0
        self.ends_heard = 0
        self._is_dle = self._was_doubled = self._was_underrun = False
        self._has_begun = False
        delay = int(model.echo_ms * 8)
        self._sent = [0] * delay
        self._delay = delay
        self._gain = 10 ** (-model.echo_db / 20)

    @property
    def room(self) -> int:
        """Octets that the host may send now (RTS/CTS stops it else)."""
        return max(0, self.model.buffer_octets - len(self.buffer))

    # ---- host to modem

    def receive(self, octets: bytes) -> None:
        for octet in octets:
            if not self._is_dle:
                self._is_dle = octet == DLE
                if not self._is_dle:
                    self.unwanted += self.way is Way.FROM_LINE and not self.is_ending
                    self._put(octet)
                    self._was_doubled = False
                continue
            self._is_dle = False
            if octet == DLE:
                self._put(DLE)
                self._was_doubled = True
                continue
            self._code(octet)
            self._was_doubled = False

    def _put(self, octet: int) -> None:
        if self.way is Way.FROM_LINE:
            return
        self.buffer.append(octet)
        self.most_buffered = max(self.most_buffered, len(self.buffer))

    def _code(self, octet: int) -> None:
        if octet == _SUB:
            self.buffer += bytes((DLE, DLE))
        elif octet == _CANCEL:
            self.buffer.clear()
        elif octet in _ENDS[self.way.value]:
            self.ends_heard += 1
            if self.model.needs_tripled_dle and not self._was_doubled:
                return
            if self.ignored_ends > 0:
                self.ignored_ends -= 1
                return
            self.is_ending = True

    # ---- the line's side

    def take(self, count: int) -> tuple[list[int], bool]:
        """Samples for the line, and whether the buffer ran dry just now."""
        octets = bytes(self.buffer[:count])
        del self.buffer[:count]
        missing = count - len(octets)
        if octets:
            self._has_begun = True
        is_dry = missing > 0 and self._has_begun and not self.is_ending
        is_new = is_dry and not self._was_underrun and self.way is not Way.FROM_LINE
        self._was_underrun = is_dry
        self.underruns += is_new
        return self.form.to_samples(octets) + [0] * missing, is_new

    def heard(self, sent: list[int], received: list[int]) -> bytes:
        """What the host gets for these samples: the far end and our own echo, shielded."""
        count = len(sent)
        self._sent += sent
        echo = self._sent[:count] if self._delay else sent
        del self._sent[:count]
        if self.way is Way.TO_LINE:
            return b""
        gain = self._gain
        mixed = [r + int(e * gain) for r, e in zip(received, echo, strict=True)]
        return self.form.to_octets(mixed).replace(b"\x10", b"\x10\x10")

    def is_over(self) -> bool:
        """The host has ended it, and what it sent is on the line (+VTX plays its buffer out)."""
        return self.is_ending and (self.way is not Way.TO_LINE or not self.buffer)
