"""The one contract of every driver: devices with ports, typed events, typed commands.

PURE: shapes only. A *driver* knows one kind of hardware; a *device* is one piece of it, named by
a URL; a *port* is one pair of wires or one SIM. Audio never passes through here: ``open_audio``
hands out a descriptor with its framing, the media core alone reads and writes it until it gives
back what it read too much (``close_audio``); DLE codes that it meets come to ``on_stream_code``.
legs/lines/analog.py makes a leg of a port and knows nothing of hardware.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from drivers.events import CallerIdRecord, LineEvent, LineState


class PortKind(Enum):
    FXS = "fxs"  # a telephone hangs here: we feed it and ring it
    FXO = "fxo"  # a line of the exchange: we are its telephone
    CELLULAR = "cellular"  # a SIM


class Encoding(Enum):
    """How one sample is written; silence is 0, 0x80 (U8), 0xD5 (A-law), 0xFF (µ-law)."""

    S16LE = "s16le"
    U8 = "u8"
    ALAW = "alaw"
    ULAW = "ulaw"


class DialMode(Enum):
    TONE = "tone"
    PULSE = "pulse"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a port can do. A port says only what was probed or is written in its data sheet.

    duplex: both ways at once; False = never bridged: the box shows who calls, and no more.
    announces: without duplex, how a recording that is said whole (``Port.announce``) is written;
    None = it can say none. records: whether it can hear a caller in place of that (``open_audio``
    is then from the line alone).
    transmit_delay_ms: audio that waits in the device (bulk delay of the echo path).
    """

    duplex: bool
    caller_id: bool = False  # hears it (FXO, cellular) or shows it (FXS)
    caller_id_in_band: bool = False  # FXO: it is in the audio, open on its hook while it rings
    flash: bool = False
    flash_is_coarse: bool = False  # ±50 ms or worse, ±100 at the most
    flash_is_silent: bool = False  # the audio must be closed meanwhile
    polarity: bool = False  # hears reversals (FXO) or makes them (FXS)
    loop_break: bool = False  # hears the exchange open the loop (FXO) or opens it (FXS)
    pulse: bool = False  # FXO: dials by pulses (``Port.dial``)
    sends_keys: bool = (
        False  # the device makes DTMF by itself (cellular); else the core does, in band
    )
    sms: bool = False
    announces: Encoding | None = None
    records: bool = False
    needs_echo_canceller: bool = True
    transmit_delay_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class AudioDescriptor:
    """Where the media core finds a port's audio, both ways.

    Either descriptor is an open non-blocking file descriptor of the port's (which the core never
    closes), or alsa names a PCM device that the core opens itself. frame_octets: the device's own
    unit (320 = 20 ms of S16LE), 0 = a plain stream of octets. is_dle_shielded: V.253 §8.2, DLE
    (0x10) doubled, DLE + code are in-stream events. The device's clock paces both ways: as much is
    written as is read, at most queue_ms ahead (but no key is cut for that). lead_ms: silence that
    the core says first, so that the device never runs dry; None = half of queue_ms, 0 = the driver
    sees to it. is_receive_only: audio comes from the line alone, and an octet that is written might
    end it: the core writes none.
    """

    encoding: Encoding
    descriptor: int = -1
    alsa_capture: str = ""
    alsa_playback: str = ""
    alsa_channel: int = 0  # of a stereo codec: 0 left, 1 right
    sample_rate_hz: int = 8000
    frame_octets: int = 0
    is_dle_shielded: bool = False
    is_receive_only: bool = False
    queue_ms: int = 40
    lead_ms: int | None = None
    unread: bytes = b""  # what the port had read beyond the hand-over


@dataclass(frozen=True, slots=True)
class Cadence:
    """Ring or tone pattern: on, off, on, off … in ms, repeated; ends with an off."""

    pattern_ms: tuple[int, ...]


class LineError(Exception):
    """A command that a port could not carry out.

    key: stable (``line.busy line.glare line.lost line.in_use line.no_dial_tone line.unsupported
    line.timeout line.device line.not_found line.sim_pin …``); what to do next is in the texts.
    """

    def __init__(self, key: str, detail: str = "") -> None:
        super().__init__(f"{key}: {detail}" if detail else key)
        self.key = key
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Health:
    """What the Lines page and the doctor show of a port.

    figures: name -> value, e.g. ``signal_dbm -71``, ``loop_ma 24``, ``underruns 0``.
    """

    state: LineState
    since_ns: int
    model: str = ""
    firmware: str = ""
    serial_number: str = ""
    operator: str = ""
    detail: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What a probe found; a driver that does not know the device finds None."""

    driver: str
    model: str
    firmware: str
    serial_number: str
    ports: tuple[PortKind, ...]


class Port(Protocol):
    """One line. Commands are for one caller at a time; events come in the order they happened.

    A command that the port cannot do raises LineError ``line.unsupported``; none hangs: each ends
    within its own deadline with LineError ``line.timeout`` at the latest.
    """

    @property
    def number(self) -> int:
        """Counted from 0 within its device."""

    @property
    def kind(self) -> PortKind: ...

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def health(self) -> Health: ...

    def events(self) -> AsyncIterator[LineEvent]:
        """All events from now on, for one reader; call events are never dropped."""

    async def seize(self) -> None:
        """FXO: off-hook, ready for audio and dialling. Raises ``line.glare`` when it rings."""

    async def answer(self) -> None:
        """FXO, cellular: take the ringing call."""

    async def release(self) -> None:
        """On-hook, whatever the state; never fails, done within 5 s."""

    async def dial(self, digits: str, mode: DialMode = DialMode.TONE) -> None:
        """Cellular: make the call (audio and ProgressReported follow). FXO: only where the device
        dials itself (pulse); in-band tones are the media core's, with the audio open."""

    async def flash(self, duration_ms: int) -> None:
        """FXO, off-hook: open the loop so long, and return when it is closed again."""

    async def ring(self, cadence: Cadence, caller_id: CallerIdRecord | None) -> None:
        """FXS: ring until OffHook or ``stop_ring``. With a caller id, a device that shows it by
        itself does; any other tells CallerIdWindow, and the core plays it then."""

    async def stop_ring(self) -> None: ...

    async def reverse(self, is_reversed: bool) -> None:
        """FXS: answer supervision for what hangs on the port."""

    async def open_loop(self, duration_ms: int) -> None:
        """FXS: tell a machine on the port that the far end is gone."""

    async def send_key(self, digit: str, duration_ms: int) -> None:
        """Where ``capabilities.sends_keys``."""

    async def open_audio(self) -> AudioDescriptor:
        """Begin the stream and hand it to the media core (off-hook, or in a call). Both ways; from
        the line alone where ``capabilities.records``."""

    async def announce(self, octets: bytes) -> None:
        """Where ``capabilities.announces``, off-hook: say this recording, 8 kHz, and return when it
        is on the line. ``release`` cuts it short: ``line.aborted``; so does cancelling whoever
        waits for it, and the next command waits until its stream has ended in order."""

    async def close_audio(self, unread: bytes) -> None:
        """The core has let go; unread: what it read beyond the stream's end."""

    async def restart_audio(self) -> None:
        """The core gets no audio though it is open: begin it anew, by the same descriptor. Raises
        LineError ``line.unsupported`` where the driver does that by itself, or cannot."""

    def on_stream_code(self, code: int) -> None:
        """A DLE code that the core met (the octet after DLE), in order."""

    async def send_sms(self, number: str, text: str) -> str:
        """Returns the network's reference."""

    async def forget_sms(self, reference: str) -> None:
        """The message is kept: the SIM's copy may go."""


class Device(Protocol):
    """One opened device. It recovers by itself (replug, restart): ports stay the same objects and
    tell LineLost and LineBack."""

    @property
    def info(self) -> DeviceInfo: ...

    @property
    def ports(self) -> tuple[Port, ...]: ...

    async def close(self) -> None:
        """Everything on-hook and silent, then let go of the device."""


@dataclass(frozen=True, slots=True)
class DeviceAddress:
    """A device's URL, parsed by ``registry.parse_address``.

    ``serial:/dev/serial/by-id/…?baud=115200`` · ``socket://host:port`` · ``i2c:1:0x20`` ·
    ``sim:office`` (simulated lines). options: what stands after ``?``.
    """

    scheme: str
    place: str
    options: Mapping[str, str] = field(default_factory=dict)


class Driver(Protocol):
    """One kind of hardware: stateless, listed in registry.py."""

    @property
    def name(self) -> str: ...

    async def probe(self, address: DeviceAddress) -> DeviceInfo | None:
        """Is it mine? None if not; touches nothing that another device could mind."""

    async def open(self, address: DeviceAddress, country: str) -> Device:
        """country: name of a profile in countries/ (``ru``). A device that is absent now opens all
        the same, DOWN, and comes when it is plugged in."""
