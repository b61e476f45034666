"""One leg's port pair in plain Python: checked, counted, relayed, played (native/relay.c).

The stream has no thread: the plane calls ``receive`` and ``tick`` under its lock, and every method
of the contract takes that lock itself.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from appliance.errors import LocalProtocolError, RemoteProtocolError
from appliance.media.api import (
    KeyPressed,
    MediaEvent,
    PacketKind,
    PlayEnded,
    Stream,
    StreamStatistics,
)
from appliance.media.reference_port import Address, ReferencePort
from appliance.media.reference_recorder import ReferenceRecording
from appliance.media.reference_source import PacketSource
from appliance.media.remote import checked, hostile, unreachable
from appliance.rtp.events import KeyPress, KeyReader, decode_event
from appliance.rtp.packet import RtpPacket, decode_rtp
from appliance.rtp.quality import estimate_mos
from appliance.rtp.rtcp import ReceiverReport, SenderReport, decode_rtcp
from appliance.rtp.statistics import Reception
from appliance.sdp.media import RemoteAddress

REPORTS_KEPT = 4
TELEPHONE_RATE_HZ = 8000


class StreamHost(Protocol):
    """What a stream needs of its plane."""

    def using(self, stream: ReferenceStream) -> AbstractContextManager[None]:
        """The lock; raises LocalProtocolError when the stream is closed."""

    def find(self, number: int) -> ReferenceStream: ...
    def owns(self, address: Address) -> bool: ...
    def push(self, event: MediaEvent) -> None: ...
    def close_stream(self, stream: ReferenceStream) -> None: ...


class ReferenceStream(ReferenceRecording):
    """One leg's port pair; every method takes the plane's lock."""

    def __init__(
        self, plane: StreamHost, number: int, rtp: ReferencePort, rtcp: ReferencePort
    ) -> None:
        self._plane, self.number = plane, number
        self.rtp, self.rtcp = rtp, rtcp
        self.host, self.port = rtp.local
        self.rtcp_port = self.port + 1
        self.peer: ReferenceStream | None = None
        self.is_echoing = False
        self.source = PacketSource()
        self._event_payload_type = self._audio_payload_type = -1
        self._rate_hz = TELEPHONE_RATE_HZ
        self._kind = PacketKind.RTP
        self._reception = Reception(TELEPHONE_RATE_HZ)
        self._keys = KeyReader()
        self._received = self._sent = self._strangers = 0
        self._heard = time.monotonic()
        self._passed: deque[tuple[int, float]] = deque(maxlen=REPORTS_KEPT)
        self._round_trip_s: float | None = None

    # ---- api.Stream

    def set_remote(
        self, remote: RemoteAddress, *, is_behind_nat: bool, signalled_from: str = ""
    ) -> None:
        good = checked(remote)
        with self._plane.using(self):
            for port in (good.port, good.rtcp_port):
                if self._plane.owns((good.host, port)):
                    raise hostile(good.host, port)
            if not self.rtp.is_of_family(good.host):
                raise unreachable(good.host, "address family")
            spoken_for = signalled_from if is_behind_nat else None
            self._aim(self.rtp, (good.host, good.port), spoken_for)
            self.rtcp.silence()
            if good.rtcp_port:
                self._aim(self.rtcp, (good.host, good.rtcp_port), spoken_for)

    def describe(self, *, event_payload_type: int, clock_rate_hz: int, kind: PacketKind) -> None:
        with self._plane.using(self):
            self._event_payload_type = event_payload_type
            self._rate_hz = clock_rate_hz or TELEPHONE_RATE_HZ
            self._kind = kind
            self._reception.set_rate(self._rate_hz)

    def connect(self, other: Stream) -> None:
        with self._plane.using(self):
            partner = self._plane.find(other.number)
            if partner is self:
                raise LocalProtocolError("a stream cannot be connected to itself")
            self._rest()
            partner._rest()
            self.peer, partner.peer = partner, self

    def disconnect(self) -> None:
        with self._plane.using(self):
            self._rest()

    def play(self, payload: bytes, *, payload_type: int, repeats: bool) -> None:
        if not payload:
            raise ValueError("nothing to play")
        with self._plane.using(self):
            self.source.start(payload, payload_type, repeats, time.monotonic())

    def stop_playing(self) -> None:
        with self._plane.using(self):
            self.source.stop()

    def echo(self) -> None:
        with self._plane.using(self):
            self._part()
            self.is_echoing = True

    def statistics(self) -> StreamStatistics:
        with self._plane.using(self):
            is_measured = self._received > 0 and self._audio_payload_type >= 0
            lost = self._reception.lost if is_measured else None
            jitter_ms = self._reception.interarrival_jitter_ms
            trip_ms = None if self._round_trip_s is None else self._round_trip_s * 1000
            return StreamStatistics(
                received=self._received,
                sent=self._sent,
                lost=lost,
                interarrival_jitter_ms=jitter_ms,
                round_trip_ms=trip_ms,
                silent_s=time.monotonic() - self._heard,
                mos=estimate_mos(
                    self._audio_payload_type, self._received, lost, jitter_ms, trip_ms
                ),
                strangers=self._strangers,
                unrecorded=self.recorder.lost if self.recorder else 0,
            )

    def close(self) -> None:
        self._plane.close_stream(self)

    # ---- the thread's side, under the lock

    def receive(self, port: ReferencePort, data: bytes, source: Address, now: float) -> None:
        """One datagram from a socket of ours."""
        is_from_remote = port.is_from_remote(source)
        if not is_from_remote or port.is_learning:
            is_welcome = is_from_remote or self._may_be_far_end(port, source, data, now)
            if not is_welcome or not self._is_valid(port, data):
                self._strangers += not is_from_remote
                return
            event = port.learn(source, now, self.number)
            if port is self.rtp:
                self._plane.push(event)
        if port is self.rtcp:
            self._deliver_rtcp(data, now)
        elif self._count_rtp(data, now):
            self._relay_rtp(data)

    def tick(self, now: float) -> None:
        """Every 20 ms."""
        if self.source.is_playing:
            packet = self.source.next_packet(now)
            if packet is None:
                self.source.stop()
                self._plane.push(PlayEnded(self.number))
            else:
                self._sent += self.rtp.send(packet)
        self._tell_keys(self._keys.expire(now))

    def _aim(self, half: ReferencePort, remote: Address, signalled_from: str | None) -> None:
        try:
            if signalled_from is None:
                half.set_remote(remote)
            else:
                half.begin_learning(remote, signalled_from)
        except OSError as error:
            if isinstance(error, PermissionError):
                raise hostile(*remote) from None
            raise unreachable(remote[0], str(error)) from None

    def _may_be_far_end(
        self, port: ReferencePort, source: Address, data: bytes, now: float
    ) -> bool:
        """RTCP is learned from the host that RTP came from, and with the SSRC of that RTP."""
        if not port.may_learn(source, now) or self._plane.owns(source):
            return False
        if port is self.rtp:
            return True
        known = self.rtp.remote if self.rtp.is_known else None
        is_its_source = int.from_bytes(data[4:8], "big") == self._reception.ssrc
        return known is not None and known[0] == source[0] and is_its_source

    def _is_valid(self, port: ReferencePort, data: bytes) -> bool:
        if self._kind is PacketKind.UDPTL:
            return bool(data)
        try:
            if port is self.rtp:
                decode_rtp(data)
            else:
                decode_rtcp(data)
        except RemoteProtocolError:
            return False
        return True

    def _count_rtp(self, data: bytes, now: float) -> bool:
        if self._kind is PacketKind.RTP:
            try:
                packet = decode_rtp(data)
            except RemoteProtocolError:
                return False
            if self.recorder is not None:
                self.recorder.hear(packet, now)
            is_event = packet.payload_type == self._event_payload_type
            if is_event:
                self._hear_keys(packet, now)
            else:
                self._audio_payload_type = packet.payload_type
            self._reception.count(
                packet.ssrc, packet.sequence_number, packet.rtp_timestamp, now, is_event=is_event
            )
        elif not data:
            return False
        self._received += 1
        self._heard = now
        return True

    def _relay_rtp(self, data: bytes) -> None:
        to = self.peer
        if self.is_echoing:
            to = self
            if self._kind is PacketKind.RTP:
                data = data[:8] + self.source.echo_ssrc.to_bytes(4, "big") + data[12:]
        if to is not None and not to.source.is_playing:
            to._sent += to.rtp.send(data)

    def _deliver_rtcp(self, data: bytes, now: float) -> None:
        if self._kind is PacketKind.RTP:
            try:
                packets = decode_rtcp(data)
            except RemoteProtocolError:
                return
            for packet in packets:
                if isinstance(packet, SenderReport | ReceiverReport):
                    self._note_report(packet, now)
        if self.peer is not None and data:
            self.peer.rtcp.send(data)

    def _note_report(self, report: SenderReport | ReceiverReport, now: float) -> None:
        if isinstance(report, SenderReport) and report.ntp_middle and self.peer is not None:
            self.peer._passed.append((report.ntp_middle, now))
        for block in report.blocks:
            for ntp_middle, passed in self._passed:
                if block.last_sr and block.last_sr == ntp_middle:
                    delay_s = block.delay_since_last_sr / 65536
                    self._round_trip_s = max(0.0, now - passed - delay_s)

    def _hear_keys(self, packet: RtpPacket, now: float) -> None:
        try:
            event = decode_event(packet.payload)
        except RemoteProtocolError:
            return
        self._tell_keys(self._keys.hear(packet.ssrc, packet.rtp_timestamp, event, now))

    def _tell_keys(self, presses: tuple[KeyPress, ...]) -> None:
        for press in presses:
            duration_ms = press.duration * 1000 // self._rate_hz
            self._plane.push(KeyPressed(self.number, press.digit, duration_ms))

    @contextmanager
    def _locked(self) -> Iterator[float]:
        with self._plane.using(self):
            yield time.monotonic()

    def _part(self) -> None:
        self.is_echoing = False
        if self.peer is not None:
            self.peer.peer = None
        self.peer = None

    def _rest(self) -> None:
        self._part()
        self.source.stop()
