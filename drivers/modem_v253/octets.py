"""What a modem sends, cut into lines, DLE codes and complex reports.

PURE: ITU-T V.250 §5.7 (result codes) and V.253 §8 (shielding). Any bytes, split anywhere, give the
same tokens. Before CONNECT a modem in class 8 speaks lines and DLE codes mixed; from CONNECT on
the octets are audio until DLE ETX, which ``StreamEnd`` finds.
"""

from __future__ import annotations

from dataclasses import dataclass

DLE, ETX, SUB = 0x10, 0x03, 0x1A
_LF = 0x0A
_LONGEST_LINE = 256
_LONGEST_REPORT = 1024

_OKAY = b"\r\nOK\r\n"
END_DUPLEX, END_TRANSMIT, END_RECEIVE = b"\x10^", b"\x10\x03", b"\x10!"
LEAVE = END_RECEIVE + END_DUPLEX + END_TRANSMIT
#: The same for firmware that wants the DLE three times (Zoom 3095).
LEAVE_TRIPLED = b"\x10\x10\x10!" + b"\x10\x10\x10^" + b"\x10\x10\x10\x03"


@dataclass(frozen=True, slots=True)
class TextLine:
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """DLE and this octet, outside of a stream."""

    octet: int


@dataclass(frozen=True, slots=True)
class Report:
    """DLE X … DLE . (V.253 §8.3): its lines, the name of the report first."""

    lines: tuple[str, ...]


Token = TextLine | Code | Report


class Splitter:
    """Octets in, tokens out, one at a time: whoever meets CONNECT takes the ``rest`` unread."""

    def __init__(self) -> None:
        self._unread = bytearray()
        self._line = bytearray()
        self._report: bytearray | None = None
        self._is_dle = False
        self.dropped_octets = 0

    def feed(self, octets: bytes) -> None:
        self._unread += octets

    def next(self) -> Token | None:
        """The next whole token, or None until more octets come."""
        used, token = 0, None
        for octet in self._unread:
            used += 1
            token = self._after_dle(octet) if self._is_dle else self._plain(octet)
            if token is not None:
                break
        del self._unread[:used]
        return token

    def rest(self) -> bytes:
        """What was not looked at yet; it is forgotten here."""
        rest = bytes(self._unread)
        self.clear()
        return rest

    def clear(self) -> None:
        self._unread.clear()
        self._line.clear()
        self._report, self._is_dle = None, False

    def _plain(self, octet: int) -> Token | None:
        if octet == DLE:
            self._is_dle = True
            return None
        if self._report is not None:
            self._report.append(octet)
            self._drop_if_long()
            return None
        if octet == _LF:
            text = _readable(self._line)
            self._line.clear()
            return TextLine(text) if text else None
        self._line.append(octet)
        if len(self._line) > _LONGEST_LINE:
            self.dropped_octets += len(self._line)
            self._line.clear()
        return None

    def _after_dle(self, octet: int) -> Token | None:
        self._is_dle = False
        if self._report is not None:
            if octet != ord("."):
                return None  # nothing else is known to stand inside
            lines = tuple(filter(None, map(_readable, self._report.split(b"\n"))))
            self._report = None
            return Report(lines)
        if octet == ord("X"):
            self._report = bytearray()
            return None
        return None if octet == DLE else Code(octet)

    def _drop_if_long(self) -> None:
        if self._report is not None and len(self._report) > _LONGEST_REPORT:
            self.dropped_octets += len(self._report)
            self._report = None


def _readable(octets: bytes | bytearray) -> str:
    """One line's text: the echo of a command ends with CR alone and stands before the reply."""
    parts = [part for part in bytes(octets).split(b"\r") if part.strip(b" \0")]
    return parts[-1].decode("latin-1").strip(" \0") if parts else ""


class StreamEnd:
    """Looks for the end of a stream in octets that nobody wants to hear any more.

    It begins in the middle of audio, perhaps between a DLE and its code, perhaps behind the end:
    then the OK that follows it is what shows. What goes to the line alone (+VTX) has no other end
    than that, or the VCON that some say instead.
    """

    def __init__(self) -> None:
        self._is_dle = False
        self._last = bytearray()
        self.codes: list[int] = []

    def feed(self, octets: bytes) -> bytes | None:
        """What follows DLE ETX, or None while the stream goes on."""
        for at, octet in enumerate(octets):
            if self._is_okay(octet):
                return _OKAY + octets[at + 1 :]
            if not self._is_dle:
                self._is_dle = octet == DLE
                continue
            self._is_dle = False
            if octet == ETX:
                return octets[at + 1 :]
            if octet not in (DLE, SUB):
                self.codes.append(octet)
        return None

    def _is_okay(self, octet: int) -> bool:
        if octet != _LF:
            self._last.append(octet)
            del self._last[:-6]
            return False
        is_okay = self._last.endswith(b"OK\r") and self._last[-4:-3] != b"A"
        is_okay = is_okay or self._last == b"\nVCON\r"
        self._last[:] = b"\n"
        return is_okay
