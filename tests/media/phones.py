"""Scripted far ends for the media tests: real loopback sockets, waited for with deadlines."""

from __future__ import annotations

import secrets
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from appliance.media.api import MediaEvent, Stream
from appliance.media.ports import PortRange
from appliance.rtp.packet import RtpPacket, decode_rtp, encode_rtp
from appliance.sdp.media import RemoteAddress

DEADLINE_S = 5.0
FRAME = bytes(range(160))


def wait_for(fact: Callable[[], Any], what: str = "it") -> Any:
    """The first true value of fact, which is asked again and again; fails after the deadline."""
    ends = time.monotonic() + DEADLINE_S
    while time.monotonic() < ends:
        value = fact()
        if value:
            return value
        select.select([], [], [], 0.002)
    raise AssertionError(f"{what} did not happen within {DEADLINE_S} s")


def audio(number: int, *, ssrc: int = 0x1111, payload_type: int = 8, **more: Any) -> bytes:
    """The number-th 20 ms packet of a G.711 stream."""
    fields = {"payload": FRAME, "sequence_number": number & 0xFFFF, **more}
    fields.setdefault("rtp_timestamp", number * 160 & 0xFFFFFFFF)
    return encode_rtp(RtpPacket(payload_type=payload_type, ssrc=ssrc, **fields))


def some_range(pairs: int, drain_s: float = 0.0) -> PortRange:
    """So many pairs somewhere below the ports that the system gives by itself."""
    low = 12000 + 2 * secrets.randbelow(3500)
    return PortRange(low, low + 2 * pairs - 1, drain_s)


class Phone:
    """A far end with an RTP and an RTCP socket."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.host = host
        self.rtp = self._socket()
        self.rtcp = self._socket()

    def _socket(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        made = socket.socket(family, socket.SOCK_DGRAM)
        made.bind((self.host, 0))
        made.settimeout(DEADLINE_S)
        return made

    @property
    def address(self) -> RemoteAddress:
        """What its description would say."""
        return RemoteAddress(self.host, self.rtp.getsockname()[1], self.rtcp.getsockname()[1])

    def send(self, stream: Stream, data: bytes) -> None:
        self.rtp.sendto(data, (stream.host, stream.port))

    def send_rtcp(self, stream: Stream, data: bytes) -> None:
        self.rtcp.sendto(data, (stream.host, stream.rtcp_port))

    def receive(self) -> bytes:
        return self.rtp.recv(4096)

    def receive_rtcp(self) -> bytes:
        return self.rtcp.recv(4096)

    def receive_packet(self) -> RtpPacket:
        return decode_rtp(self.receive())

    def is_waiting(self) -> bool:
        """Something came that was not received yet."""
        return bool(select.select([self.rtp, self.rtcp], [], [], 0)[0])

    def close(self) -> None:
        self.rtp.close()
        self.rtcp.close()


class EventLog:
    """All events of a plane so far, read as a daemon reads them: when the descriptor says so."""

    def __init__(self, plane: Any) -> None:
        self._plane = plane
        self.events: list[MediaEvent] = []

    def refresh(self) -> list[MediaEvent]:
        if select.select([self._plane.fileno()], [], [], 0)[0]:
            self.events += self._plane.events()
        return self.events

    def wait_for(self, kind: type, count: int = 1) -> list[Any]:
        """The events of this kind, once there are so many."""

        def found() -> list[MediaEvent] | None:
            events = [e for e in self.refresh() if isinstance(e, kind)]
            return events if len(events) >= count else None

        found_events: list[Any] = wait_for(found, f"{count} x {kind.__name__}")
        return found_events
