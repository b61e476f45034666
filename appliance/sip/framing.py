"""Whole messages out of a byte stream (TCP, TLS): RFC 3261 §18.3, keep-alives of RFC 5626 §4.4.1.

PURE. The stream is trusted no further than its Content-Length: without one, or past the limits,
nobody can say where the next message begins, and the connection must go.
"""

from __future__ import annotations

from appliance.errors import RemoteProtocolError
from appliance.sip.grammar import parse_figure
from appliance.sip.message import MAX_OCTETS

_END = b"\r\n\r\n"
_NAMES = (b"content-length", b"l")


class StreamFramer:
    """Feed octets, take messages. ``pongs_due`` counts the double CRLFs that want an answer."""

    def __init__(self) -> None:
        self.pongs_due = 0
        self._buffer = bytearray()
        self._searched = 0  # octets in which no end of a header was found yet
        self._needed = 0  # size of the message at the head of the buffer, once known
        self._fault: RemoteProtocolError | None = None

    @property
    def waiting(self) -> int:
        """Octets of a message that is not whole yet."""
        return len(self._buffer)

    @property
    def is_trusted(self) -> bool:
        """False once nobody can say where the next message begins: what was fed before counts."""
        return self._fault is None

    def feed(self, data: bytes) -> list[bytes]:
        """The messages that are whole now.

        Raises RemoteProtocolError when the stream cannot be trusted any more; messages that came
        whole before the fault are given first, and ``is_trusted`` tells.
        """
        if self._fault is not None:
            raise self._fault
        self._buffer += data
        messages: list[bytes] = []
        try:
            while (message := self._take()) is not None:
                messages.append(message)
        except RemoteProtocolError as error:
            self._fault = error
            if not messages:
                raise
        return messages

    def _take(self) -> bytes | None:
        if not self._needed and not self._measure():
            return None
        if len(self._buffer) < self._needed:
            return None
        message = bytes(self._buffer[: self._needed])
        del self._buffer[: self._needed]
        self._needed = self._searched = 0
        return message

    def _measure(self) -> bool:
        """Learn the size of the next message; False when its header is not whole."""
        if not self._searched:
            self._skip_keep_alives()
            if _END.startswith(self._buffer):
                return False
        end = self._buffer.find(_END, max(0, self._searched - len(_END)))
        if end < 0:
            self._searched = len(self._buffer)
            if self._searched > MAX_OCTETS:
                raise RemoteProtocolError("endless header", status=513, section="RFC 3261 §18.3")
            return False
        needed = end + len(_END) + _content_length(bytes(self._buffer[:end]))
        if needed > MAX_OCTETS:
            raise RemoteProtocolError("message too large", status=513, section="RFC 3261 §18.3")
        self._needed = needed
        return True

    def _skip_keep_alives(self) -> None:
        """Take line ends in front of a message away; two of them are a ping (RFC 5626 §4.4.1)."""
        while self._buffer.startswith(b"\r\n"):
            if self._buffer.startswith(_END):
                del self._buffer[:4]
                self.pongs_due += 1
            elif _END.startswith(self._buffer):
                return
            else:
                del self._buffer[:2]


def _content_length(head: bytes) -> int:
    lengths = set()
    if b"\r\n " in head or b"\r\n\t" in head:
        head = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
    for line in head.split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon and name.rstrip(b" \t").lower() in _NAMES:
            lengths.add(value.strip(b" \t"))
    if len(lengths) != 1:
        raise RemoteProtocolError("no single Content-Length", section="RFC 3261 §18.3")
    text = lengths.pop().decode("ascii", "replace")
    return parse_figure(text, "Content-Length", MAX_OCTETS)
