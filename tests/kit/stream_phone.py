"""A telephone that keeps one TCP connection to a box, and listens where its Contact says.

Owns the sockets and a thread that reads them. It registers and watches (subscriber.py); its stream
can break as a router breaks it, and the phone may come back by another one.
"""

from __future__ import annotations

import selectors
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType

from tests.kit.processes import wait_until
from tests.kit.raw_sip import Address, Heard, authorization, read, write
from tests.kit.subscriber import Subscriber

_RESET = struct.pack("ii", 1, 0)


class StreamPhone:
    """``connect`` and ``register``; ``lamps`` are the subscriber's. called: how many connections
    came to where it listens; newest: our end of the stream that is used, which is the source of
    what was heard by it."""

    def __init__(self, box: Address, number: str, secret: str) -> None:
        self.box, self.number, self._secret = box, number, secret
        self._listener = socket.create_server(("127.0.0.1", 0))
        own: Address = self._listener.getsockname()
        self.contact = f"<sip:{number}@{own[0]}:{own[1]};transport=tcp>"
        self.called = 0
        self.newest: Address = ("", 0)
        self.lamps = Subscriber(number, secret, own, box, self._send)
        self.lamps.transport = "TCP"
        self.lamps.fields = {"Contact": self.contact}
        self._own = own
        self._stream: socket.socket | None = None
        self._cseq = 0
        self._answers: list[Heard] = []
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def connect(self) -> None:
        """One more stream to the box; what is sent goes by it from now on."""
        self._stream = socket.create_connection(self.box, 5)
        self.newest = self._stream.getsockname()
        self._read_from(self._stream)

    def lose_stream(self) -> None:
        """It ends at once, with a reset."""
        assert self._stream is not None
        self._selector.unregister(self._stream)
        self._stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._stream.close()
        self._stream = None

    def register(self) -> int:
        """The final status."""
        challenge = ""
        for _ in range(2):
            self._answers.clear()
            self._send(self._register_text(challenge))
            wait_until(lambda: self._answers, 5, f"an answer to {self.number}")
            challenge = self._answers[0].header("www-authenticate")
        return self._answers[0].status

    def _register_text(self, challenge: str) -> bytes:
        self._cseq += 1
        uri = f"sip:{self.box[0]}:{self.box[1]}"
        own = f"{self._own[0]}:{self._own[1]}"
        fields = [
            ("Via", f"SIP/2.0/TCP {own};branch=z9hG4bK{self._own[1]}r{self._cseq};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.number}@{self.box[0]}>;tag=r"),
            ("To", f"<sip:{self.number}@{self.box[0]}>"),
            ("Call-ID", f"register-{self._own[1]}"),
            ("CSeq", f"{self._cseq} REGISTER"),
            ("Contact", self.contact),
            ("Expires", "600"),
        ]
        if challenge:
            proof = authorization(challenge, "REGISTER", uri, self.number, self._secret)
            fields.append(("Authorization", proof))
        return write(f"REGISTER {uri} SIP/2.0", fields)

    def _send(self, data: bytes) -> None:
        assert self._stream is not None, "it was not connected"
        self._stream.sendall(data)

    # ---- what comes, in the thread

    def _listen(self) -> None:
        while not self._is_over.is_set():
            for key, _ in self._selector.select(0.1):
                key.data()

    def _accept(self) -> None:
        self._stream, _ = self._listener.accept()
        self.called += 1
        self._read_from(self._stream)

    def _read_from(self, stream: socket.socket) -> None:
        rest, end = b"", stream.getsockname()

        def hear() -> None:
            nonlocal rest
            octets = stream.recv(65536)
            if not octets:
                self._selector.unregister(stream)
            rest = _cut(rest + octets, end, self._take)

        self._selector.register(stream, selectors.EVENT_READ, hear)

    def _take(self, message: Heard) -> None:
        if not self.lamps.take(message) and message.method == "REGISTER":
            self._answers.append(message)

    def __enter__(self) -> StreamPhone:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()
        for key in tuple(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._selector.close()


def _cut(octets: bytes, end: Address, take: Callable[[Heard], object]) -> bytes:
    """Hand over each whole message (RFC 3261 §18.3); what is left of the next."""
    while True:
        octets = octets.lstrip(b"\r\n")
        head, mark, rest = octets.partition(b"\r\n\r\n")
        length = int(read(head + mark).header("content-length") or 0) if mark else 0
        if not mark or len(rest) < length:
            return octets
        take(read(head + mark + rest[:length], end))
        octets = rest[length:]
