"""Scripted devices and line audio for the stage: ports that note what they are told to do.

Speaks drivers.api. A test plays the line's side (``port.tell``) and reads ``port.done``; audio is
noted, not moved, and a tone is heard when the test says so (``line.hear``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from appliance.config.busy_tone import BusyTone
from appliance.config.model import Line
from appliance.legs.lines.busy_learning import BusyLearning
from appliance.media.api import (
    CadenceHeard,
    KeyPressed,
    KeysSent,
    LineStalled,
    LineStatistics,
    Listening,
    MediaEvent,
    PlayEnded,
    ToneHeard,
)
from drivers.api import (
    AudioDescriptor,
    Cadence,
    Capabilities,
    Device,
    DeviceInfo,
    DialMode,
    Encoding,
    Health,
    LineError,
    PortKind,
)
from drivers.events import CallerIdRecord, LineEvent, LineState, SmsReceived
from tests.kit.recorded import Recorded

QUIET = -70.0
FULL = Capabilities(
    duplex=True, caller_id=True, flash=True, polarity=True, loop_break=True, pulse=True
)


class StageLine(Recorded):
    """A LineStream that notes what is asked of it. partner: whom it talks with."""

    def __init__(self, plane: Any, number: int, audio: AudioDescriptor) -> None:
        self.plane = plane
        self.number = number
        self.audio = audio
        self.partner: Any = None
        self.playing = 0  # octets of what repeats now
        self.played: list[int] = []
        self.keys: list[str] = []
        self.listening = Listening()
        self.payload_type = 8
        self.level_in_dbm0 = QUIET
        self.is_closed = False

    def connect(self, other: Any) -> None:
        self.partner, other.partner = other, self
        self.playing = 0

    def speak(self, *, payload_type: int) -> None:
        self.payload_type = payload_type

    def disconnect(self) -> None:
        if self.partner is not None and self.partner.partner is self:
            self.partner.partner = None
        self.partner = None
        self.playing = 0

    def play(self, payload: bytes, *, payload_type: int, repeats: bool) -> None:
        self.played.append(len(payload))
        self.playing = len(payload) if repeats else 0
        if not repeats:
            loop = asyncio.get_running_loop()
            loop.call_later(len(payload) / 8000, self.plane.tell, PlayEnded(self.number))

    def stop_playing(self) -> None:
        self.playing = 0

    def echo(self) -> None:
        self.playing = 0

    def send_keys(self, digits: str, *, on_ms: int, off_ms: int, level_dbm0: float) -> None:
        self.keys.append(digits)
        loop = asyncio.get_running_loop()
        took_s = len(digits) * (on_ms + off_ms) / 1000
        loop.call_later(took_s, self.plane.tell, KeysSent(self.number))

    def listen(self, listening: Listening) -> None:
        self.listening = listening

    def set_gain(self, *, receive_db: float, transmit_db: float) -> None:
        self.gains = (receive_db, transmit_db)

    def cancel_echo(self, *, is_on: bool, bulk_delay_ms: float = 0.0) -> None:
        self.cancels = is_on

    def line_statistics(self) -> LineStatistics:
        return LineStatistics(0, 0, self.level_in_dbm0, QUIET, None, None, None, 0, 0, 0, 0.0)

    def close(self) -> bytes:
        self.disconnect()
        self.is_closed = True
        return b""

    # ---- the test's side

    def hear(self, tone: str) -> None:
        """The line sounds like this, if anybody listens for it."""
        names = {watch.tone for watch in self.listening.tones}
        if self.listening.silence_s:
            names.add("silence")
        if tone in names:
            self._tell(ToneHeard(self.number, tone, 425.0, -20.0, 350, 350))

    def stall(self, is_stalled: bool, *, was_heard: bool = True) -> None:
        """The device gives no audio, or gives it again."""
        self._tell(LineStalled(self.number, is_stalled, was_heard))

    def hear_cadence(self, on_ms: int, off_ms: int, lasted_ms: int, hz: float = 425.0) -> None:
        """An even rhythm that no tone of these is, if anybody wants to know."""
        if self.listening.cadence:
            self._tell(CadenceHeard(self.number, (hz,), on_ms, off_ms, -20.0, lasted_ms))

    def press(self, digits: str) -> None:
        """The party presses these keys."""
        assert self.listening.keys, "nobody listens for keys"
        for digit in digits:
            self._tell(KeyPressed(self.number, digit, 100))

    def _tell(self, event: MediaEvent) -> None:
        assert not self.is_closed
        self.plane.tell(event)


class LineRoom:
    """The lines of a stage's plane, in the order of opening."""

    def __init__(self) -> None:
        self.lines: list[StageLine] = []

    def open_line(self, audio: AudioDescriptor) -> StageLine:
        line = StageLine(self, (1 << 30) + len(self.lines), audio)
        self.lines.append(line)
        return line


class ScriptedPort:
    """A port whose line is played by the test. done: commands in order; fails: command -> key."""

    def __init__(self, number: int, kind: PortKind, capabilities: Capabilities = FULL) -> None:
        self.number = number
        self.kind = kind
        self.capabilities = capabilities
        self.state = LineState.IDLE
        self.done: list[str] = []
        self.fails: dict[str, str] = {}
        self.shown: list[CallerIdRecord | None] = []
        self.took_s: dict[str, float] = {}
        self._events: asyncio.Queue[LineEvent] = asyncio.Queue()

    @property
    def health(self) -> Health:
        return Health(self.state, 0)

    def tell(self, event: LineEvent) -> None:
        self._events.put_nowait(event)

    async def events(self) -> AsyncIterator[LineEvent]:
        while True:
            yield await self._events.get()

    async def _do(self, command: str, *facts: object) -> None:
        self.done.append(" ".join([command, *map(str, facts)]))
        if took_s := self.took_s.get(command):
            await asyncio.sleep(took_s)
        if key := self.fails.get(command):
            raise LineError(key)

    async def seize(self) -> None:
        await self._do("seize")

    async def answer(self) -> None:
        await self._do("answer")

    async def release(self) -> None:
        await self._do("release")

    async def dial(self, digits: str, mode: DialMode = DialMode.TONE) -> None:
        await self._do("dial", digits, mode.value)

    async def flash(self, duration_ms: int) -> None:
        await self._do("flash", duration_ms)

    async def ring(self, cadence: Cadence, caller_id: CallerIdRecord | None) -> None:
        self.shown.append(caller_id)
        await self._do("ring")

    async def stop_ring(self) -> None:
        await self._do("stop_ring")

    async def reverse(self, is_reversed: bool) -> None:
        await self._do("reverse", is_reversed)

    async def open_loop(self, duration_ms: int) -> None:
        await self._do("open_loop", duration_ms)

    async def send_key(self, digit: str, duration_ms: int) -> None:
        await self._do("send_key", digit)

    async def open_audio(self) -> AudioDescriptor:
        await self._do("open_audio")
        return AudioDescriptor(Encoding.S16LE)

    async def announce(self, octets: bytes) -> None:
        await self._do("announce", len(octets))
        await asyncio.sleep(len(octets) / 8000)

    async def close_audio(self, unread: bytes) -> None:
        await self._do("close_audio")

    async def restart_audio(self) -> None:
        await self._do("restart_audio")

    def on_stream_code(self, code: int) -> None:
        self.done.append(f"code {code}")

    async def send_sms(self, number: str, text: str) -> str:
        await self._do("send_sms", number, text)
        return "17"

    async def forget_sms(self, reference: str) -> None:
        await self._do("forget_sms", reference)


class ScriptedDevice:
    """A device of such ports."""

    def __init__(self, *ports: ScriptedPort) -> None:
        self.ports = ports
        self.info = DeviceInfo("scripted", "", "", "", tuple(p.kind for p in ports))
        self.is_closed = False

    async def close(self) -> None:
        self.is_closed = True


class StageLines:
    """Devices by URL, as the box opens them; what it kept of messages."""

    def __init__(self) -> None:
        self.devices: dict[str, ScriptedDevice] = {}
        self.opened: list[str] = []
        self.messages: list[tuple[str, SmsReceived]] = []
        self.learned: list[tuple[str, str]] = []
        self.seen: dict[str, BusyLearning] = {}
        self.keeps = True
        self.broken: Exception | None = None  # what opening raises

    async def open_device(self, line: Line, country: str) -> Device:
        self.opened.append(line.device)
        if self.broken is not None:
            raise self.broken
        if line.device not in self.devices:
            raise LineError("line.device", line.device)
        return self.devices[line.device]

    def of(self, line: str) -> BusyLearning:
        return self.seen.setdefault(line, BusyLearning())

    def saw(self, line: str) -> None:
        """Kept as long as the stage stands."""

    def learn(self, line: str, tone: BusyTone) -> None:
        self.learned.append((line, str(tone)))

    async def keep_sms(self, line: str, event: SmsReceived) -> bool:
        self.messages.append((line, event))
        return self.keeps
