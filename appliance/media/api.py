"""The contract of the media core: what legs may ask of packets, and what packets tell.

PURE: shapes only. Two implementations stand behind it: ``session.py`` over the C core, and
``relay_reference.py`` in plain Python, the oracle that the same test suite runs against. No packet
passes through the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from appliance.sdp.media import RemoteAddress


class PacketKind(Enum):
    RTP = "rtp"
    UDPTL = "udptl"  # relayed unread (T.38)


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A whole RFC 4733 event was seen on the stream's incoming side (reported once, at its end)."""

    stream: int
    digit: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class SourceLocked:
    """The first valid packet fixed the stream's far end (NAT)."""

    stream: int
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class PlayEnded:
    stream: int


MediaEvent = KeyPressed | SourceLocked | PlayEnded


@dataclass(frozen=True, slots=True)
class StreamStatistics:
    """What was measured on one stream; None = not measured, never a guess.

    received/sent count RTP packets from and to the far end; lost is RFC 3550 A.3's cumulative
    figure; interarrival_jitter_ms RFC 3550 §6.4.1; round_trip_ms from RTCP SR/RR of the far end;
    silent_s: since the last valid packet came, or since the stream was opened; mos: E-model
    estimate 1.0-4.5 of what the far end sent, None when nothing was measured.
    strangers: packets refused because they came from an address that signalling does not allow.
    A stream of UDPTL counts received and sent and measures nothing else.
    """

    received: int
    sent: int
    lost: int | None
    interarrival_jitter_ms: float | None
    round_trip_ms: float | None
    silent_s: float
    mos: float | None
    strangers: int


class Stream(Protocol):
    """One leg's RTP and RTCP port pair (RFC 3550 §11: even, next odd)."""

    @property
    def number(self) -> int: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def rtcp_port(self) -> int: ...

    def set_remote(
        self, remote: RemoteAddress, *, is_behind_nat: bool, signalled_from: str = ""
    ) -> None:
        """Send to this address; accept from it alone.

        is_behind_nat: the port may lie, so the first valid source on the described host or on the
        host signalled_from is learned instead (RFC 4787 REQ-2: a NAT gives both the same address);
        within 1.5 s of that the described address itself may still take over; then it is locked.
        No other host is ever learned. Until somebody is learned the described address is sent to.
        Each call (signalling only) opens a new learning. rtcp_port 0: no RTCP.

        Raises MediaError ``media.hostile_address`` for an address that must never be sent to,
        ``media.unreachable_address`` where there is no way.
        """

    def describe(self, *, event_payload_type: int, clock_rate_hz: int, kind: PacketKind) -> None:
        """Tell what flows: the telephone-event payload type (-1 = none), the audio's RTP clock."""

    def connect(self, other: Stream) -> None:
        """Relay between the two, both ways; ends what either was connected to, played, echoed."""

    def disconnect(self) -> None:
        """Stop relaying, playing and echoing."""

    def play(self, payload: bytes, *, payload_type: int, repeats: bool) -> None:
        """Send G.711 octets (160 = 20 ms at 8 kHz), paced; PlayEnded follows if not ``repeats``.

        What a connected stream sends is held back meanwhile. A new play replaces the old one, which
        then gives no PlayEnded. Without a remote time passes all the same. Raises ValueError when
        payload is empty.
        """

    def stop_playing(self) -> None:
        """Fall silent; no PlayEnded follows."""

    def echo(self) -> None:
        """Send every valid RTP packet back to the far end, under our own SSRC (RFC 3550 §8.2)."""

    def statistics(self) -> StreamStatistics: ...

    def close(self) -> None:
        """Give the ports back; they are drained before they serve again."""


class MediaPlane(Protocol):
    """All streams of the box."""

    def open(self, host: str) -> Stream:
        """A new stream on this local literal address (RTP, RTCP ports free and not guessable).

        Raises MediaError ``media.ports_exhausted``.
        """

    def fileno(self) -> int:
        """Readable when ``events`` has something (an eventfd)."""

    def events(self) -> list[MediaEvent]:
        """All events since the last call; never blocks."""

    def close(self) -> None: ...
