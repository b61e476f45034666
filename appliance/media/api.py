"""The contract of the media core: what legs may ask of packets, and what packets tell.

PURE: shapes only. Two implementations stand behind it: ``session.py`` over the C core, and
``relay_reference.py`` in plain Python, the oracle that the same test suite runs against. No packet
passes through the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from appliance.sdp.media import RemoteAddress

if TYPE_CHECKING:  # a box without lines need not load their contract
    from drivers.api import AudioDescriptor


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


@dataclass(frozen=True, slots=True)
class KeysSent:
    """All digits of ``LineStream.send_keys`` are on the line."""

    stream: int


@dataclass(frozen=True, slots=True)
class ToneHeard:
    """A line's far end sounds like this: ``dial busy congestion ringback sit`` (its country's
    tones) or ``silence`` (nothing for as long as was asked); once for each stretch.

    frequency_hz, level_dbm0: of its first component; on_ms, off_ms: what was measured (off 0 =
    continuous).
    """

    stream: int
    tone: str
    frequency_hz: float
    level_dbm0: float
    on_ms: int
    off_ms: int


@dataclass(frozen=True, slots=True)
class CadenceHeard:
    """A tone of the line's far end goes on and off in a rhythm that nobody described (each sound
    and pause 75 to 1000 ms); told from its fourth sound on, each time, or from its sixth where two
    kinds take turns.

    frequencies_hz: one, or two at once; lasted_ms: what was alike so far; second_on_ms,
    second_off_ms: of every other sound, 0 = all are alike.
    """

    stream: int
    frequencies_hz: tuple[float, ...]
    on_ms: int
    off_ms: int
    level_dbm0: float
    lasted_ms: int
    second_on_ms: int = 0
    second_off_ms: int = 0


@dataclass(frozen=True, slots=True)
class CallerIdHeard:
    """Caller id in the line's audio: the message as it came (FSK: type, length, data, checksum;
    DTMF: the digits in ASCII; AON: symbols ``0``-``9 S R ?``), for drivers.caller_id to read."""

    stream: int
    method: str  # ``fsk``, ``dtmf``, ``aon``
    message: bytes


@dataclass(frozen=True, slots=True)
class StreamCode:
    """A DLE code of a shielded stream (V.253): the octet after DLE."""

    stream: int
    code: int


@dataclass(frozen=True, slots=True)
class LineEnded:
    """A line's stream is over: the device ended it (DLE ETX), or its descriptor failed.

    error: errno, 0 = ended in order. Nothing is read any more; ``LineStream.close`` gives the rest.
    """

    stream: int
    error: int


@dataclass(frozen=True, slots=True)
class AnswerToneHeard:
    """A fax machine or modem answers at either end of a line's call (2100 Hz with reversals of its
    phase, V.25): the line's echo canceller is off until the line is connected elsewhere."""

    stream: int


@dataclass(frozen=True, slots=True)
class LineStalled:
    """A line's device gives no audio though its stream is open: none for 500 ms, or none within 2 s
    of being opened (was_heard False). Told again with is_stalled False when audio comes."""

    stream: int
    is_stalled: bool
    was_heard: bool


MediaEvent = (
    KeyPressed
    | SourceLocked
    | PlayEnded
    | KeysSent
    | ToneHeard
    | CadenceHeard
    | CallerIdHeard
    | StreamCode
    | LineEnded
    | LineStalled
    | AnswerToneHeard
)


@dataclass(frozen=True, slots=True)
class StreamStatistics:
    """What was measured on one stream; None = not measured, never a guess.

    received/sent count RTP packets from and to the far end; lost is RFC 3550 A.3's cumulative
    figure; interarrival_jitter_ms RFC 3550 §6.4.1; round_trip_ms from RTCP SR/RR of the far end;
    silent_s: since the last valid packet came, or since the stream was opened; mos: E-model
    estimate 1.0-4.5 of what the far end sent, None when nothing was measured.
    strangers: packets refused because they came from an address that signalling does not allow.
    unrecorded: octets of the recording under way that were lost because nobody took them.
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
    unrecorded: int = 0


class Recordable(Protocol):
    """Whose words can be kept: the far end of a stream, the party on a line."""

    @property
    def can_record(self) -> bool:
        """False for a line whose device hears nobody."""

    def record(self) -> None:
        """Keep what the far end says from now on, whatever is played to it meanwhile.

        G.711 of either law, in playout order: packets up to 100 ms late in their place, silence
        for what is lost, suppressed, a telephone event or comfort noise. Never longer than the
        time since its first packet, but for 200 ms. A recording under way begins anew. On a line
        whose device does not hear while it is told something the next ``play`` ends it.
        """

    def take_recorded(self) -> bytes:
        """What came since the last time: A-law octets, 8000 a second; of a stream all but the last
        100 ms as long as it goes on. At most 4 s wait: older ones are lost (``unrecorded``)."""

    def stop_recording(self) -> None:
        """Keep nothing more; what was kept can still be taken. Closing ends all of it."""


class Stream(Recordable, Protocol):
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

    def connect(self, other: Stream | LineStream) -> None:
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


@dataclass(frozen=True, slots=True)
class ToneWatch:
    """A tone to listen for: all frequencies at once, within tolerance; pattern: on, off, … in ms
    (empty = continuous for least_ms), each within ±10 % and ``cycles`` times in a row.

    is_in_turn: the frequencies come one after another (SIT), pattern_ms are their times.
    """

    tone: str
    frequencies_hz: tuple[float, ...]
    pattern_ms: tuple[int, ...] = ()
    cycles: int = 1
    least_ms: int = 0
    tolerance_hz: float = 25.0
    is_in_turn: bool = False


@dataclass(frozen=True, slots=True)
class Listening:
    """What a line stream listens for in the audio from its line; all of it at once."""

    keys: bool = False  # DTMF (Q.24); the tone is kept from the other side (RFC 4733 goes instead)
    tones: tuple[ToneWatch, ...] = ()
    caller_id: tuple[str, ...] = ()  # ``fsk_v23 fsk_bell202 dtmf aon``
    silence_s: float = 0.0  # 0 = off
    cadence: bool = False  # an even rhythm of 300 to 700 Hz that no tone of these describes


@dataclass(frozen=True, slots=True)
class LineStatistics:
    """Of one line's audio. Levels: dBm0 of the last second; erle_db: what the canceller takes away,
    None = off or not converged; slips: frames lost or repeated (0 when all is well); unrecorded: as
    of a stream."""

    frames_in: int
    frames_out: int
    level_in_dbm0: float
    level_out_dbm0: float
    erle_db: float | None
    echo_delay_ms: float | None
    clock_ppm: float | None  # the device's clock against ours
    underruns: int
    overruns: int
    slips: int
    silent_s: float
    unrecorded: int = 0


class LineStream(Recordable, Protocol):
    """The audio of one analog or cellular line (drivers.api.AudioDescriptor) in the media core.

    It is connected to a Stream or to another line stream by ``connect``, from either side. Towards
    RTP it speaks the payload type and the law that ``speak`` set.
    """

    @property
    def number(self) -> int: ...

    def connect(self, other: Stream | LineStream) -> None:
        """Audio both ways, paced by the line's clock, echo cancelled towards the other."""

    def speak(self, *, payload_type: int) -> None:
        """Towards RTP: 0 G.711 µ-law, 8 A-law (as it is until told)."""

    def disconnect(self) -> None:
        """Silence on the line; ends playing too."""

    def play(self, payload: bytes, *, payload_type: int, repeats: bool) -> None:
        """As Stream.play: G.711 (payload_type 0 µ-law, 8 A-law) to the line; PlayEnded follows."""

    def stop_playing(self) -> None: ...

    def echo(self) -> None:
        """The line's party hears itself (the echo test)."""

    def send_keys(self, digits: str, *, on_ms: int, off_ms: int, level_dbm0: float) -> None:
        """DTMF in band (``0``-``9 * # A``-``D``, ``,`` = 1 s of silence); KeysSent follows."""

    def listen(self, listening: Listening) -> None:
        """Replaces what was listened for."""

    def set_gain(self, *, receive_db: float, transmit_db: float) -> None: ...

    def cancel_echo(self, *, is_on: bool, bulk_delay_ms: float = 0.0) -> None:
        """speexdsp's canceller on what comes from the line; a delay estimator in front where the
        device queues audio (bulk_delay_ms: where it begins to search)."""

    def line_statistics(self) -> LineStatistics: ...

    def close(self) -> bytes:
        """Stop reading and writing at once; what was read beyond the end of the stream, or a DLE
        whose code has not come. The descriptor stays open: it is its owner's."""


class LinePlane(Protocol):
    """The lines of the box; the native core alone has them, beside its streams."""

    def open_line(self, audio: AudioDescriptor) -> LineStream:
        """A line's audio. Raises MediaError ``media.line_audio`` where it cannot be opened."""


class MediaPlane(Protocol):
    """All streams of the box."""

    def open(self, host: str, *, is_urgent: bool = False) -> Stream:
        """A new stream on this local literal address (RTP, RTCP ports free and not guessable).

        is_urgent: an emergency call's, for which ports are kept (ports.py).
        Raises MediaError ``media.ports_exhausted``.
        """

    def fileno(self) -> int:
        """Readable when ``events`` has something (an eventfd)."""

    def events(self) -> list[MediaEvent]:
        """All events since the last call; never blocks."""

    def close(self) -> None: ...
