"""An app of ours as a leg: it answers like a phone, then a coroutine of apps/ talks to the party.

Owns the coroutine's task. It has no stream of its own: when the call bridges it, it takes hold of
the other party's stream and plays into that. An early app (an announcement) never answers: it
plays before the answer, so that nobody pays, and then fails with the cause that it announced.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from appliance.apps.line import App
from appliance.call import leg as vocabulary
from appliance.call.leg import FLASH, AppDestination, Cause, LegCommand, Party
from appliance.legs.parts import LegParts
from appliance.media.api import LineStream, Stream, StreamStatistics
from appliance.media.sounds import Sounds
from appliance.rtp.g711 import Law, decode_g711, encode_g711
from appliance.sdp.media import Media
from appliance.sdp.negotiate import answerable

log = logging.getLogger(__name__)
LONGEST_APP_S = 3600.0
_NOBODY = Party("")
_FRAME_OCTETS = 160


class AppLeg:
    """One run of an app in a call."""

    def __init__(
        self,
        dial: vocabulary.Dial,
        destination: AppDestination,
        app: App,
        parts: LegParts,
        sounds: Sounds,
    ) -> None:
        self.number = dial.leg
        self._caller = dial.caller
        self.party = f"app {destination.app}"
        self.is_over = False
        self._destination = destination
        self._app = app
        self._parts = parts
        self._sounds = sounds
        self._media: Media | None = None
        self._line: StreamLine | None = None
        self._task: asyncio.Task[None] | None = None

    # ---- the call's side

    def dial(self, offer: Media | None) -> None:
        """Take the call: an answer follows, or Failed where the offer holds no G.711."""
        media = answerable(offer) if offer is not None else None
        if media is None:
            cause = self._destination.cause
            self._fail(cause if self._destination.is_early else Cause.INCOMPATIBLE)
            return
        self._media = media
        if self._destination.is_early:
            self._parts.tell(vocabulary.Progressed(self.number, media))
        else:
            self._parts.tell(vocabulary.Answered(self.number, media))

    def execute(self, command: LegCommand) -> None:
        if isinstance(command, vocabulary.HangUp) and not self.is_over:
            if self._destination.is_early:
                self._fail(command.cause)
            else:
                self._end(command.cause, is_remote=False)
        elif isinstance(command, vocabulary.Reoffer) and not self.is_over:
            self._reoffered(command.offer)
        elif isinstance(command, vocabulary.SendDigit):
            self.on_key(command.digit)

    def attach(self, stream: Stream | LineStream) -> None:
        """Bridge: talk into this stream from now on."""
        if self._task is None and self._media is not None:
            self._line = StreamLine(stream, self._media, self._sounds, self._caller)
            self._task = asyncio.get_running_loop().create_task(self._run(self._line))

    def on_key(self, digit: str) -> None:
        if self._line is not None and digit != FLASH:
            self._line.on_key(digit)

    def on_play_ended(self) -> None:
        if self._line is not None:
            self._line.on_play_ended()

    def statistics(self) -> StreamStatistics | None:
        return None

    def release(self) -> None:
        task, self._task, self._media = self._task, None, None
        if task is not None:
            task.cancel()
        if self._line is not None:
            self._line.let_go()
            self._line = None

    # ---- the app's side

    async def _run(self, line: StreamLine) -> None:
        try:
            async with asyncio.timeout(LONGEST_APP_S):
                await self._app(line, self._destination.argument)
            self._finish(self._destination.cause)
        except TimeoutError:
            self._finish(Cause.NORMAL)
        except Exception:
            log.exception("app %s failed", self._destination.app)
            self._finish(Cause.INTERNAL)

    def _finish(self, cause: Cause) -> None:
        if self._destination.is_early:
            self._fail(cause)
        else:
            self._end(cause, is_remote=True)

    def _reoffered(self, offer: Media) -> None:
        media = answerable(offer)
        if media is None:
            self._parts.tell(vocabulary.ReofferRefused(self.number, 488))
        else:
            self._parts.tell(vocabulary.ReofferAnswered(self.number, media))

    def _fail(self, cause: Cause) -> None:
        if not self.is_over:
            self.is_over = True
            self._parts.tell(vocabulary.Failed(self.number, cause))

    def _end(self, cause: Cause, *, is_remote: bool) -> None:
        if not self.is_over:
            self.is_over = True
            self._parts.tell(vocabulary.Ended(self.number, cause, is_remote))


class StreamLine:
    """apps.line.Line over the party's stream."""

    def __init__(
        self, stream: Stream | LineStream, media: Media, sounds: Sounds, caller: Party = _NOBODY
    ) -> None:
        codec = media.codecs[0]
        self.caller = caller
        self._law = Law[codec.name.upper()]
        self._stream = stream
        self._payload_type = codec.payload_type
        self._encode: Callable[[str], bytes] = lambda prompt: sounds.prompt(prompt, codec.name)
        self._tone: Callable[[str], bytes] = lambda name: sounds.tone(name, codec.name)
        self._has_ended = True  # what was played last
        self._news = asyncio.Event()  # it ended, or a key came
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._is_let_go = False
        self._is_recording = False
        self._rest = b""  # of a recording, once the stream is let go

    async def say(self, prompt: str, *, until_key: bool = False) -> None:
        await self._sound(self._encode(prompt), until_key=until_key)

    async def play(self, sound: bytes) -> str:
        with contextlib.suppress(TimeoutError):
            await self._sound(self._in_law(sound), until_key=True)
        return "" if self._keys.empty() else self._keys.get_nowait()

    async def _sound(self, payload: bytes, *, until_key: bool) -> None:
        """Play it until it ends, or no longer than until a key waits. Raises TimeoutError when the
        stream says of neither."""
        if until_key and not self._keys.empty():
            return
        self._has_ended = False
        self._stream.play(payload, payload_type=self._payload_type, repeats=False)
        async with asyncio.timeout(len(payload) / 8000 + 2):
            while not self._has_ended:
                if until_key and not self._keys.empty():
                    self._stream.stop_playing()
                    return
                self._news.clear()
                await self._news.wait()

    def _in_law(self, sound: bytes) -> bytes:
        """A-law in what the party understands, in whole frames."""
        padded = sound + bytes([Law.PCMA.silence]) * (-len(sound) % _FRAME_OCTETS)
        is_alaw = self._law is Law.PCMA
        return padded if is_alaw else encode_g711(decode_g711(padded, Law.PCMA), self._law)

    async def tone(self, name: str, seconds: float) -> None:
        self._stream.play(self._tone(name), payload_type=self._payload_type, repeats=True)
        try:
            await asyncio.sleep(seconds)
        finally:
            if not self._is_let_go:  # the stream is the call's again, and may be closed by now
                self._stream.stop_playing()

    async def digit(self, timeout_s: float) -> str:
        if not self._keys.empty():
            return self._keys.get_nowait()
        try:
            async with asyncio.timeout(timeout_s):  # a key that comes with the end does not hide it
                return await self._keys.get()
        except TimeoutError:
            return ""

    def echo(self) -> None:
        self._stream.echo()

    @property
    def can_record(self) -> bool:
        return self._stream.can_record

    def record(self) -> None:
        if not self._is_let_go:
            self._stream.record()
            self._is_recording = True

    def recorded(self) -> bytes:
        if not self._is_let_go:
            return self._stream.take_recorded()
        rest, self._rest = self._rest, b""
        return rest

    def stop_recording(self) -> None:
        if not self._is_let_go:
            self._stream.stop_recording()

    async def until_hang_up(self) -> None:
        await asyncio.Event().wait()

    def on_key(self, digit: str) -> None:
        self._keys.put_nowait(digit)
        self._news.set()

    def on_play_ended(self) -> None:
        self._has_ended = True
        self._news.set()

    def let_go(self) -> None:
        """The call is over or goes elsewhere: fall silent."""
        self._is_let_go = True
        self._stream.disconnect()
        if self._is_recording:
            self._stream.stop_recording()
            self._rest = self._stream.take_recorded()
