"""One configured line with its port: reads the port's events, knows how the line is.

Owns the port as long as there is one. What its kind does with events is the desk's business
(legs/lines/fxs_desk.py for our telephones, legs/lines/fxo_desk.py for city lines and SIMs); here is
what all kinds share: whether the line is there and why not, who called last, and messages.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from appliance.call.leg import Dial
from appliance.config.busy_tone import BusyTone, parse_busy_tone
from appliance.config.model import Line, LineKind
from appliance.legs.lines.analog import AnalogLeg
from appliance.legs.lines.audio import LineAudio
from appliance.legs.lines.busy_learning import BusyLearning
from appliance.legs.lines.parts import LineParts
from appliance.media.api import (
    AnswerToneHeard,
    LineEnded,
    LineStalled,
    MediaEvent,
    StreamCode,
)
from appliance.routing.line_texts import LINE_WHYS
from drivers.api import LineError, Port, PortKind
from drivers.country import country_profile
from drivers.events import (
    CallerIdReceived,
    LineBack,
    LineEvent,
    LineLost,
    LineState,
    PortFault,
    SmsReceived,
    StateChanged,
)

log = logging.getLogger(__name__)
#: A driver that begins its audio anew by itself needs so long (cellular/call_audio.py).
_AUDIO_BACK_S = 4.0
_DEAD = (LineState.DOWN, LineState.STARTING, LineState.FAULT)


class Desk(Protocol):
    """What a kind of line does with its port."""

    @property
    def why_busy(self) -> str:
        """Why no call can be made now, though the line is there; empty = it can."""

    def on_line_event(self, event: LineEvent) -> None: ...
    def on_media_event(self, event: MediaEvent) -> None: ...
    def dial(self, command: Dial, number: str, *, is_emergency: bool) -> AnalogLeg: ...
    def lost(self) -> None:
        """The port is gone: whatever goes on ends."""

    async def close(self) -> None:
        """End everything and leave the port on-hook."""


@dataclass(slots=True)
class LastCaller:
    """Who called by this line last. at: seconds of the wall clock; source: how the number came
    (drivers.events.CallerIdRecord), empty = it did not."""

    number: str
    name: str
    at: float
    source: str = ""


class LinePost:
    """A line. why: stable key of what keeps it from working, empty = it works."""

    def __init__(self, line: Line, parts: LineParts) -> None:
        country = line.country or parts.legs.snapshot().document.site.country
        self.line = line
        self.parts = parts
        self.profile = country_profile(country)
        owners = parts.legs.leg_of_stream
        self.audio = LineAudio(line, self.profile, parts.plane, owners, parts.tell_media)
        self.port: Port | None = None
        self.why = "line.starting"
        self.changed_at = parts.legs.clock.now()
        self.last_caller: LastCaller | None = None
        self.desk: Desk | None = None
        self._reader: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._reviving: asyncio.Task[None] | None = None

    # ---- the port comes and goes

    def attach(self, port: Port, desk: Desk) -> None:
        """The device is open: begin to listen to its port."""
        self.port = self.audio.port = port
        self.desk = desk
        self._become(self._why_of(port))
        self._reader = self.spawn(self._read(port, desk))

    def fail(self, why: str, detail: str = "") -> None:
        """The line cannot be used at all: its device did not open, say."""
        if self._become(why):
            self.parts.alert("line_down", f"{self.line.name}: {why}")
            log.warning("line %s: %s %s", self.line.name, why, detail)

    async def close(self) -> None:
        """Everything on-hook; the device itself is closed by the keeper."""
        try:
            if self.desk is not None:
                await self.desk.close()
        finally:
            await self._end_tasks()
        self.port = self.audio.port = self.desk = None
        self._tell_phone_changed()

    async def _end_tasks(self) -> None:
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a task of this line; its failure is logged and costs this task alone."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    # ---- how it is

    @property
    def is_phone(self) -> bool:
        return self.line.kind is LineKind.FXS

    @property
    def why_not(self) -> str:
        """Why it cannot make a call now; empty = it can."""
        if self.why or self.desk is None:
            return self.why or "line.starting"
        return self.desk.why_busy

    @property
    def is_there(self) -> bool:
        return self.desk is not None and not self.why

    @property
    def busy(self) -> BusyLearning:
        """What unknown tones its calls ended in."""
        return self.parts.busy.of(self.line.name)

    def note_caller(self, number: str, name: str, source: str = "") -> None:
        self.last_caller = LastCaller(number, name, self.parts.legs.clock.wall(), source)

    def ended_by(self, tone: BusyTone) -> None:
        """A call ended while this rhythm, which nobody knows, still sounded."""
        learned = self.busy.ended_by(tone, parse_busy_tone(self.line.busy_tone))
        log.info("line %s: ended in %s, %d times", self.line.name, tone, self.busy.times)
        self.parts.busy.saw(self.line.name)
        if learned is not None:
            self.parts.busy.learn(self.line.name, learned)

    # ---- events

    def on_media_event(self, event: MediaEvent) -> None:
        """Something in the line's audio."""
        if isinstance(event, StreamCode):
            if self.port is not None:
                self.port.on_stream_code(event.code)
            return
        if isinstance(event, LineStalled):
            self._note_stall(event)
            return
        if isinstance(event, AnswerToneHeard):
            log.info("line %s: a fax or modem answers, its echo stays", self.line.name)
            return
        if isinstance(event, LineEnded) and event.error:
            log.warning("line %s: its audio failed: errno %d", self.line.name, event.error)
        if self.desk is not None:
            self.desk.on_media_event(event)

    async def _read(self, port: Port, desk: Desk) -> None:
        async for event in port.events():
            try:
                self._note(event, port)
                desk.on_line_event(event)
            except LineError as error:
                log.warning("line %s: %s", self.line.name, error)
            except Exception:  # a line that is deaf for ever would cost more than this event
                log.exception("line %s: our own defect at %s", self.line.name, type(event).__name__)

    def _note(self, event: LineEvent, port: Port) -> None:
        if isinstance(event, StateChanged | LineBack):
            self._become(self._why_of(port))
        elif isinstance(event, LineLost):
            why = event.reason if event.reason in LINE_WHYS else "line.lost"
            if self._become(why):
                self.parts.alert("line_down", f"{self.line.name}: {why}")
            if self.desk is not None:
                self.desk.lost()
        elif isinstance(event, PortFault):
            log.warning("line %s: %s %s", self.line.name, event.code, event.detail)
            if not event.is_recoverable and self._become(event.code):
                self.parts.alert("line_down", f"{self.line.name}: {event.code}")
        elif isinstance(event, CallerIdReceived):
            log.info("line %s: caller id by %s", self.line.name, event.record.source)
        elif isinstance(event, SmsReceived):
            self.spawn(self._keep_sms(event, port))

    def _note_stall(self, event: LineStalled) -> None:
        """A device that gives no audio; a SIM gives some only when the far end has answered."""
        reviving, self._reviving = self._reviving, None
        if reviving is not None:
            reviving.cancel()
        if not event.is_stalled:
            log.info("line %s: its audio comes again", self.line.name)
        elif self.port is not None and (event.was_heard or self.port.kind is not PortKind.CELLULAR):
            log.warning("line %s: its device gives no audio", self.line.name)
            self._reviving = self.spawn(self._revive(self.port, event.stream))

    async def _revive(self, port: Port, stream: int) -> None:
        """Begin the audio anew; where nothing comes of it, the line says so and its call ends."""
        try:
            await port.restart_audio()
        except LineError as error:
            log.debug("line %s: %s", self.line.name, error)
        await asyncio.sleep(_AUDIO_BACK_S)
        if not self.audio.has(stream):
            return  # the call was over first
        if self._become("line.audio_stuck"):
            self.parts.alert("line_down", f"{self.line.name}: line.audio_stuck")
        if self.desk is not None:
            self.desk.lost()

    async def _keep_sms(self, event: SmsReceived, port: Port) -> None:
        """The SIM's copy goes only when ours is safe."""
        if await self.parts.keep_sms(self.line.name, event):
            try:
                await port.forget_sms(event.reference)
            except LineError as error:
                log.warning("line %s: a message stays on the SIM: %s", self.line.name, error)

    def _why_of(self, port: Port) -> str:
        state, detail = port.health.state, port.health.detail
        if state in _DEAD:
            if detail in LINE_WHYS:
                return detail  # the driver knows better
            return {LineState.DOWN: "line.device", LineState.STARTING: "line.starting"}.get(
                state, "line.fault"
            )
        return ""

    def _become(self, why: str) -> bool:
        """True when the line went down by it."""
        was, self.why = self.why, why
        if was != why:
            self.changed_at = self.parts.legs.clock.now()
            self._tell_phone_changed()
        return bool(why) and was != why

    def _tell_phone_changed(self) -> None:
        if self.is_phone:
            self.parts.phone_changed(self.line.extension)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("line %s: a task failed", self.line.name, exc_info=task.exception())


class PortOrders:
    """Commands for a port, carried out one after the other; what fails is logged."""

    def __init__(self, post: LinePost) -> None:
        self._name = post.line.name
        self._queue: asyncio.Queue[Coroutine[Any, Any, None]] = asyncio.Queue()
        self._task = post.spawn(self._obey())

    def give(self, command: Coroutine[Any, Any, None]) -> None:
        self._queue.put_nowait(command)

    def drop(self) -> None:
        """What was not begun is not done any more."""
        self._task.cancel()
        while not self._queue.empty():
            self._queue.get_nowait().close()

    async def _obey(self) -> None:
        while True:
            command = await self._queue.get()
            try:
                await quietly(command, self._name)
            except Exception:  # those that follow would never be obeyed
                log.exception("line %s: our own defect at a command", self._name)


async def quietly(work: Awaitable[None], name: str) -> None:
    """A command whose failure changes nothing any more: logged."""
    try:
        await work
    except LineError as error:
        log.warning("line %s: %s", name, error)
