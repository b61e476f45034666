"""The commands of one modem's line: drivers.api.Port for an FXO port.

Built on line.py, which keeps order and state. What a modem cannot do is ``line.unsupported``; a
line that rings while it is seized is ``line.glare``; ``release`` cuts any other command short and
never fails.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from drivers.api import AudioDescriptor, DialMode, LineError
from drivers.events import LineState, PortFault, ProgressReported
from drivers.modem_v253 import dialling, procedures
from drivers.modem_v253.announcing import announce
from drivers.modem_v253.line import ModemLine
from drivers.modem_v253.modem import Modem

log = logging.getLogger(__name__)
_RELEASE_S = 4.5
_OCTETS_PER_S = 8000  # every method that we use has one octet a sample
_CUT_S = 0.4
_ASKED_AGAIN_S = 3600.0  # whoever refused to hear
_OFF_HOOK = (LineState.DIALLING, LineState.TALKING)


class ModemPort(ModemLine):
    """One FXO line."""

    async def seize(self) -> None:
        await self._command(self._seize)

    async def _seize(self, modem: Modem) -> None:
        if self.ears.is_ringing:
            raise LineError("line.glare", "it rings")
        if self.ears.is_extension_up:
            raise LineError("line.in_use", "a parallel telephone is off its hook")
        if self._state not in (LineState.IDLE, LineState.RELEASING):
            raise LineError("line.busy", self._state.value)
        await self._wait_for_guard()
        self._enter(LineState.DIALLING)
        try:
            await self._prepare(modem)
            self._heed_glare()
            await procedures.lift(modem.engine, modem.record)
            self.ears.lifted()
            if self.ears.is_ringing:
                await procedures.hang_up(modem.engine)
                self._is_on_hook()
            self._heed_glare()
        except LineError:
            if not self.ears.is_lifted:
                is_ringing = self.ears.is_ringing
                self._enter(LineState.RINGING if is_ringing else LineState.IDLE)
                self._stand_down()
            raise

    def _heed_glare(self) -> None:
        if self.ears.is_ringing:
            raise LineError("line.glare", "it rang while it was seized")

    async def _prepare(self, modem: Modem) -> None:
        if not self._is_prepared:
            await procedures.prepare_voice(modem.engine, modem.record)
            self._is_prepared = True

    async def answer(self) -> None:
        await self._command(self._answer)

    async def _answer(self, modem: Modem) -> None:
        if not self.ears.is_ringing or self._state is not LineState.RINGING:
            raise LineError("line.busy", f"nothing to answer: {self._state.value}")
        await self._prepare(modem)
        if not await self._answer_streaming(modem):
            await procedures.lift(modem.engine, modem.record)
            self.ears.lifted()
        self.ears.forget()
        self._enter(LineState.TALKING)

    async def _answer_streaming(self, modem: Modem) -> bool:
        """By one command, so that ``open_audio`` finds the stream begun; where the modem has none
        or does not take it so, by two."""
        record = modem.record
        if not (record.has_duplex and record.joins_start):
            return False
        is_streaming = await procedures.lift_and_stream(modem.engine, record)
        if is_streaming:
            self.ears.lifted()
            self._stream_began("AT+VTR")
            self._is_ahead = True
        else:
            modem.record = replace(record, joins_start=False)
        return is_streaming

    async def release(self) -> None:
        modem = self._modem
        if modem is None:
            return
        if self._is_in_command and not self._is_recovering:
            self._is_cut = True
            modem.engine.fail(LineError("line.aborted", "hung up"))
        work = asyncio.get_running_loop().create_task(self._hang_up())
        self._working.add(work)
        work.add_done_callback(self._worked)
        done, _ = await asyncio.wait({work}, timeout=_RELEASE_S)
        if not done:
            log.warning("the line does not hang up: its modem is still being recovered")

    async def _hang_up(self) -> None:
        try:
            await self._take_turn(self._put_down)
        except LineError as error:
            log.warning("the line did not hang up in order: %s", error)

    async def _put_down(self, modem: Modem) -> None:
        is_cut, self._is_cut = self._is_cut, False
        if not (self.ears.is_lifted or is_cut):
            return
        self._begin_guard()
        if is_cut and not self._way and not await modem.engine.answers(b"", 0.0, _CUT_S):
            raise LineError("line.timeout", "a command that was cut short")
        if self._way:
            await self._end_stream(modem, b"")
        await procedures.hang_up(modem.engine)
        self._is_on_hook()
        self._begin_guard()

    async def dial(self, digits: str, mode: DialMode = DialMode.TONE) -> None:
        async def work(modem: Modem) -> None:
            self._want_quiet_line()
            word = await dialling.dial(modem.engine, digits, mode)
            if word:
                self._tell(ProgressReported(self._now_ns(), word))

        await self._command(work, is_long=True)

    async def flash(self, duration_ms: int) -> None:
        """The audio must be closed meanwhile: the modem takes commands outside of its stream."""

        async def work(modem: Modem) -> None:
            self._want_quiet_line()
            await dialling.flash(modem.engine, modem.model, duration_ms)

        await self._command(work)

    def _want_quiet_line(self) -> None:
        if self._state not in _OFF_HOOK or self._way:
            raise LineError("line.busy", self._way or self._state.value)

    # ---- audio

    async def open_audio(self) -> AudioDescriptor:
        """Both ways; from the line alone where the modem has no duplex."""
        modem = self._modem
        is_one_way = modem is not None and modem.record.has_duplex is False
        return await self._open("AT+VRX" if is_one_way else "AT+VTR")

    async def announce(self, octets: bytes) -> None:
        """To the line alone: all that a modem without duplex can do beside ``open_audio``."""
        is_left = False

        async def work(modem: Modem) -> None:
            self._want_quiet_line()
            await self._begin_stream(modem, "AT+VTX")
            modem.engine.keep_reading()

            def is_over() -> bool:
                return is_left or self._is_cut or self._modem is not modem

            try:
                await announce(octets, _OCTETS_PER_S, modem.write, is_over)
            finally:
                if self._way and self._modem is modem:
                    await self._end_stream(modem, b"")

        try:
            await self._command(work, is_long=True)
        except asyncio.CancelledError:
            is_left = True
            raise

    async def close_audio(self, unread: bytes) -> None:
        async def work(modem: Modem) -> None:
            if self._way:
                await self._end_stream(modem, unread)

        await self._command(work)

    def on_stream_code(self, code: int) -> None:
        self.ears.code_told(code)

    async def _open(self, way: str) -> AudioDescriptor:
        async def work(modem: Modem) -> AudioDescriptor:
            if not (self._is_ahead and self._way == way):
                self._want_quiet_line()
                await self._begin_stream(modem, way)
            self._is_ahead = False
            return modem.hand_over(is_receive_only=way == "AT+VRX")

        return await self._command(work)

    async def _begin_stream(self, modem: Modem, way: str) -> None:
        is_streaming = await procedures.begin_stream(modem.engine, way)
        self._learn(modem, way, is_streaming)
        if not is_streaming:
            raise LineError("line.unsupported", f"{way} is refused")
        self._stream_began(way)
        self._enter(LineState.TALKING)

    def _learn(self, modem: Modem, way: str, is_streaming: bool) -> None:
        """What it refuses it is not asked for any more: somebody is told."""
        record = modem.record
        if way == "AT+VTR":
            modem.record = replace(record, has_duplex=is_streaming)
            self.ears.report_keys(not modem.has_duplex)
            if not is_streaming:
                self._tell_lack(modem, "line.no_duplex")
        elif way == "AT+VRX":
            modem.record = replace(record, has_receive=is_streaming)
            if not is_streaming:
                self._tell_lack(modem, "line.no_receive")
                self._chores.at(_ASKED_AGAIN_S, "receive", self._ask_again)

    def _ask_again(self) -> None:
        """One refusal may have been a bad moment's: the next caller may be heard again."""
        if self._modem is not None:
            self._modem.record = replace(self._modem.record, has_receive=True)

    def _tell_lack(self, modem: Modem, code: str) -> None:
        self._tell(PortFault(self._now_ns(), code, False, modem.model.name))

    def _stream_began(self, way: str) -> None:
        self._way = way
        self.ears.streams(True)

    async def _end_stream(self, modem: Modem, unread: bytes) -> None:
        way, self._way, self._is_ahead = self._way, "", False
        self.ears.streams(False)
        modem.engine.drain_stream(unread)
        modem.resume()
        is_tripled = await procedures.end_stream(modem.engine, way, modem.record.is_tripled)
        modem.record = replace(modem.record, is_tripled=is_tripled)
