"""The media plane in plain Python: what the C core must do, said as simply as it can be said.

The oracle: one suite of tests runs on this and on session.py. Owns one thread that waits on all
sockets, and one lock. Far too slow for a real office; correct is all that it has to be.
"""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import threading
import time
from collections.abc import Callable, Iterator

from appliance.errors import LocalProtocolError, MediaError
from appliance.media.api import MediaEvent
from appliance.media.ports import PORTS_EXHAUSTED, PortPool, PortRange
from appliance.media.reference_port import Address, ReferencePort
from appliance.media.reference_source import FRAME_S
from appliance.media.reference_stream import ReferenceStream
from appliance.media.remote import unreachable

BIND_ATTEMPTS = 20
LARGEST_PACKET = 2048


class ReferenceMediaPlane:
    """All streams, one thread; ``clock`` is only read for the ports' rest."""

    def __init__(
        self, ports: PortRange | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = PortPool(ports or PortRange())
        self._clock = clock
        self._lock = threading.RLock()
        self._streams: dict[int, ReferenceStream] = {}
        self._opened = 0
        self._events: list[MediaEvent] = []
        self._announce = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector = selectors.DefaultSelector()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="media-reference", daemon=True)
        self._thread.start()

    # ---- api.MediaPlane

    def open(self, host: str, *, is_urgent: bool = False) -> ReferenceStream:
        """A new stream; raises MediaError ``media.ports_exhausted``."""
        with self._lock:
            for _ in range(BIND_ATTEMPTS):
                port = self._pool.take(self._clock(), is_urgent=is_urgent)
                try:
                    return self._open_pair(host, port)
                except OSError as error:
                    self._pool.give_back(port, self._clock())
                    if error.errno != errno.EADDRINUSE:
                        raise unreachable(host, str(error)) from None
            raise MediaError(PORTS_EXHAUSTED)

    def fileno(self) -> int:
        return self._announce

    def events(self) -> list[MediaEvent]:
        with self._lock:
            if self._events:
                os.eventfd_read(self._announce)
            events, self._events = self._events, []
            return events

    def close(self) -> None:
        if self._is_closing:
            return
        for stream in list(self._streams.values()):
            stream.close()
        self._is_closing = True
        self._thread.join()
        self._selector.close()
        os.close(self._announce)

    # ---- reference_stream.StreamHost

    @contextlib.contextmanager
    def using(self, stream: ReferenceStream) -> Iterator[None]:
        with self._lock:
            if stream.number not in self._streams:
                raise LocalProtocolError("stream is closed")
            yield

    def find(self, number: int) -> ReferenceStream:
        if number not in self._streams:
            raise LocalProtocolError("stream is closed")
        return self._streams[number]

    def owns(self, address: Address) -> bool:
        host, port = address
        return any(
            port in (stream.port, stream.rtcp_port) and host == stream.host
            for stream in self._streams.values()
        )

    def push(self, event: MediaEvent) -> None:
        if not self._events:
            os.eventfd_write(self._announce, 1)
        self._events.append(event)

    def close_stream(self, stream: ReferenceStream) -> None:
        with self._lock:
            if stream.number not in self._streams:
                return
            stream.disconnect()
            del self._streams[stream.number]
            for port in (stream.rtp, stream.rtcp):
                self._selector.unregister(port.socket)
                port.socket.close()
            self._pool.give_back(stream.port, self._clock())

    # ---- the thread

    def _open_pair(self, host: str, port: int) -> ReferenceStream:
        rtp = ReferencePort(host, port)
        try:
            rtcp = ReferencePort(host, port + 1)
        except OSError:
            rtp.socket.close()
            raise
        self._opened += 1
        stream = ReferenceStream(self, self._opened, rtp, rtcp)
        self._streams[stream.number] = stream
        for half in (rtp, rtcp):
            self._selector.register(half.socket, selectors.EVENT_READ, (stream, half))
        return stream

    def _run(self) -> None:
        next_tick = time.monotonic()
        while not self._is_closing:
            wait_s = max(0.0, next_tick - time.monotonic())
            ready = self._selector.select(min(wait_s, FRAME_S))
            with self._lock:
                for key, _ in ready:
                    self._receive(*key.data)
                if time.monotonic() >= next_tick:
                    next_tick += FRAME_S
                    for stream in self._streams.values():
                        stream.tick(time.monotonic())

    def _receive(self, stream: ReferenceStream, port: ReferencePort) -> None:
        if stream.number not in self._streams:
            return  # closed while this batch waited for the lock
        try:
            data, source = port.socket.recvfrom(LARGEST_PACKET + 1)
        except OSError:
            return
        is_sane = len(data) <= LARGEST_PACKET
        stream.receive(port, data if is_sane else b"", source[:2], time.monotonic())
