"""The audio of one call: opened for the media core, watched, and restarted when the modem sulks.

Owns the pump (audio.py) while it lives. The ladder of a modem without audio: its audio switched off
and on; then a fault is told and the modem starts anew when the line is idle (``needs_reset``).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from drivers.api import AudioDescriptor, Encoding, LineError
from drivers.at import Result
from drivers.cellular.audio import AudioWatch, PcmPump, Verdict
from drivers.cellular.modem import Modem
from drivers.events import PortFault

_WATCH_S = 0.25
_RETRY_S = 0.1


class CallAudio:
    """``open`` and ``close`` follow the port's commands, ``connect`` and ``end`` the call."""

    def __init__(
        self,
        modem: Modem,
        tell: Callable[[PortFault], None],
        now_ns: Callable[[], int],
    ) -> None:
        """modem: one with ``open_pcm`` (OSError if the port cannot be opened)."""
        assert modem.open_pcm is not None
        self._run = modem.run
        self._maker = modem.maker
        self._open_pcm = modem.open_pcm
        self._tell = tell
        self._now_ns = now_ns
        self._pump: PcmPump | None = None
        self._watching: asyncio.Task[None] | None = None
        self.needs_reset = False

    async def open(self) -> AudioDescriptor:
        """What the media core reads and writes until ``close``. Raises LineError ``line.audio``."""
        if self._pump is None:
            try:
                self._pump = PcmPump(await self._open_pcm())
            except OSError as fault:
                raise LineError("line.audio", str(fault)) from None
            self._pump.start()
        return AudioDescriptor(
            Encoding.S16LE, self._pump.core_end, frame_octets=320, queue_ms=20, lead_ms=0
        )

    def close(self) -> None:
        """The core has let go."""
        if self._pump:
            self._pump.stop()
            self._pump = None

    def connect(self) -> None:
        """Both ends can speak: switch audio on where the maker wants that, and watch it."""
        self.end()
        self._watching = asyncio.get_running_loop().create_task(self._begin())

    def end(self) -> None:
        if self._watching:
            self._watching.cancel()
            self._watching = None

    def allow(self, may_send: bool) -> None:
        """The modem's flow control."""
        if self._pump:
            self._pump.may_send = may_send

    @property
    def figures(self) -> dict[str, float]:
        pump = self._pump
        if pump is None:
            return {}
        return {"audio_dropped_octets": pump.dropped, "audio_silence_octets": pump.silence}

    async def _begin(self) -> None:
        if self._maker.audio_delay_s:
            await asyncio.sleep(self._maker.audio_delay_s)
            if (await self._run(self._maker.audio_on)).result is not Result.OK:
                # Half-dead after an earlier call (SIM7600): works this once, not for long.
                self.needs_reset = True
                await self._restart()
        for restart in (True, False):
            await self._watch()
            if restart:
                await self._restart()
        self.needs_reset = True
        self._tell(PortFault(self._now_ns(), "line.audio_stuck", True, self._maker.name))

    async def _restart(self) -> None:
        await self._run(self._maker.audio_off)
        await asyncio.sleep(_RETRY_S)
        await self._run(self._maker.audio_on)

    async def _watch(self) -> None:
        """Returns when audio does not come as it should."""
        loop = asyncio.get_running_loop()
        while self._pump is None:
            await asyncio.sleep(_WATCH_S)
        watch = AudioWatch(self._pump.received, loop.time())
        verdict = Verdict.WAIT
        while verdict is not Verdict.BAD:
            await asyncio.sleep(_WATCH_S)
            if self._pump is None:
                return await self._watch()
            verdict = watch.judge(self._pump.received, loop.time())
        return None

    async def finish(self) -> None:
        """The call is over: the modem's audio off."""
        self.end()
        with contextlib.suppress(asyncio.CancelledError):
            await self._run(self._maker.audio_off)
