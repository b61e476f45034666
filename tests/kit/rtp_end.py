"""One end of an RTP stream for calls that sipp signals: a tone every 20 ms, a record of what comes.

Owns a pair of UDP sockets (RTP and RTCP) and one thread. G.711 only; knows no SIP and no SDP: the
test tells it where to send.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from array import array
from dataclasses import dataclass

from tests.kit.closing import Closing
from tests.kit.processes import wait_until
from tests.kit.tone import Sound, from_alaw, from_ulaw, sine, to_alaw, to_ulaw

PCMU, PCMA, TELEPHONE_EVENT = 0, 8, 101
_DIGITS = "0123456789*#ABCD!"  # the last: the flash of a hook
PACKET_S = 0.02
PACKET_SAMPLES = 160
_HEADER = struct.Struct("!BBHII")
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A datagram as it came; at_s: monotonic."""

    at_s: float
    source: Address
    data: bytes

    @property
    def payload_type(self) -> int:
        return self.data[1] & 0x7F

    @property
    def sequence_number(self) -> int:
        return int.from_bytes(self.data[2:4], "big")

    @property
    def ssrc(self) -> int:
        return int.from_bytes(self.data[8:12], "big")

    @property
    def payload(self) -> bytes:
        return self.data[12 + 4 * (self.data[0] & 15) :]


class RtpEnd(Closing):
    """Sends and records until ``close``; a context manager."""

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, *, hz: float = 440, payload_type: int = PCMA
    ) -> None:
        """Bind an even port and the next one (any free pair when port is 0)."""
        self.host = host
        self._rtp, self._rtcp = _bind_pair(host, port)
        self.port: int = self._rtp.getsockname()[1]
        self.payload_type = payload_type
        tone = sine(hz, 1.0)
        octets = to_alaw(tone) if payload_type == PCMA else to_ulaw(tone)
        self._frames = [octets[at : at + PACKET_SAMPLES] for at in range(0, 8000, PACKET_SAMPLES)]
        self._remote: Address | None = None
        self._lock = threading.Lock()
        self._packets: list[Arrived] = []
        self._control: list[Arrived] = []
        self.sent = 0
        self._events = 0
        self._ssrc = hash((host, self.port)) & 0xFFFFFFFF
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def send_to(self, host: str, port: int) -> None:
        """Send the tone there from now on."""
        self._remote = (host, port)

    def be_silent(self) -> None:
        """Send no more; go on listening."""
        self._remote = None

    def send_raw(self, data: bytes, host: str, port: int) -> None:
        """One datagram from the RTP port (a stray, a hostile packet, an event)."""
        self._rtp.sendto(data, (host, port))

    def press(self, digit: str, payload_type: int = TELEPHONE_EVENT) -> None:
        """Press a key for 100 ms: RFC 4733 event packets, the last of them three times."""
        assert self._remote is not None, "send_to comes first"
        event = _DIGITS.index(digit)
        self._events += 1
        for number, octets in enumerate((160, 320, 480, 640, 800, 800, 800)):
            is_last, is_first = octets == 800, number == 0
            header = _HEADER.pack(
                0x80,
                payload_type | (0x80 if is_first else 0),
                0x8000 + self._events * 16 + number & 0xFFFF,
                self._events * 8000,
                self._ssrc,
            )
            body = struct.pack("!BBH", event, 0x8A if is_last else 10, octets)
            self._rtp.sendto(header + body, self._remote)

    def digits(self, payload_type: int = TELEPHONE_EVENT) -> str:
        """The keys that were heard as events, each once (told apart by RTP timestamps)."""
        keys: dict[bytes, str] = {}
        for packet in self.received():
            if packet.payload_type == payload_type and packet.payload[0] < len(_DIGITS):
                keys.setdefault(packet.data[4:8], _DIGITS[packet.payload[0]])
        return "".join(keys.values())

    def received(self) -> list[Arrived]:
        """All RTP so far."""
        with self._lock:
            return list(self._packets)

    def received_rtcp(self) -> list[Arrived]:
        """All RTCP so far."""
        with self._lock:
            return list(self._control)

    def forget(self) -> None:
        """Begin the record anew."""
        with self._lock:
            self._packets.clear()
            self._control.clear()

    def wait_for_packets(self, count: int, timeout_s: float = 5.0) -> list[Arrived]:
        """The record once it has so many packets."""
        return wait_until(
            lambda: got if len(got := self.received()) >= count else [],
            timeout_s,
            f"{count} RTP packets at port {self.port}",
            lambda: f"{len(self.received())} came",
        )

    def sound(self) -> Sound:
        """What was heard: in order of sequence numbers, lost packets as silence."""
        packets = [p for p in self.received() if p.payload_type in (PCMU, PCMA)]
        if not packets:
            return Sound(array("h"))
        first = packets[0].sequence_number
        decoded: dict[int, Sound] = {}
        for packet in packets:
            decode = from_alaw if packet.payload_type == PCMA else from_ulaw
            place = (packet.sequence_number - first + 0x8000 & 0xFFFF) - 0x8000
            decoded[place] = decode(packet.payload)
        samples = array("h")
        for place in range(min(decoded), max(decoded) + 1):
            samples.extend(decoded[place].samples if place in decoded else bytes(PACKET_SAMPLES))
        return Sound(samples)

    def close(self) -> None:
        """End the thread and the sockets."""
        self._is_closing.set()
        self._thread.join(2)
        self._rtp.close()
        self._rtcp.close()

    def _work(self) -> None:
        due = time.monotonic()
        number = 0
        while not self._is_closing.is_set():
            self._listen(max(0.0, due - time.monotonic()))
            if time.monotonic() >= due:
                self._send(number)
                number += 1
                due += PACKET_S

    def _listen(self, for_s: float) -> None:
        ready, _, _ = select.select((self._rtp, self._rtcp), (), (), for_s)
        for sock in ready:
            try:
                data, source = sock.recvfrom(2048)
            except ConnectionError:  # the other side's port is closed: its own affair
                continue
            arrived = Arrived(time.monotonic(), source[:2], data)
            with self._lock:
                (self._packets if sock is self._rtp else self._control).append(arrived)

    def _send(self, number: int) -> None:
        remote = self._remote
        if remote is None:
            return
        header = _HEADER.pack(
            0x80, self.payload_type, number & 0xFFFF, number * PACKET_SAMPLES, self._ssrc
        )
        try:
            self._rtp.sendto(header + self._frames[number % len(self._frames)], remote)
        except OSError:  # a route that is gone for a while (network namespaces)
            return
        self.sent += 1


def _bind_pair(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for _ in range(200):
        rtp = socket.socket(family, socket.SOCK_DGRAM)
        rtcp = socket.socket(family, socket.SOCK_DGRAM)
        try:
            rtp.bind((host, port))
            even = rtp.getsockname()[1]
            if even % 2 == 0:
                rtcp.bind((host, even + 1))
                return rtp, rtcp
        except OSError:
            if port:
                rtp.close()
                rtcp.close()
                raise
        rtp.close()
        rtcp.close()
    raise OSError("no free pair of ports")
