"""Calls of one SIM: commands to the modem, its news to events (the states are calls.py's).

Runs on the event loop. A new call that rings while the old one is not yet let go (``release``) is
told afterwards, so that nobody hangs up the wrong one. AT+CLCC is asked every 2 s of a call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence

from drivers.api import LineError
from drivers.at import AtCommand, Result
from drivers.cellular.call_audio import CallAudio
from drivers.cellular.calls import CallTracker, Input, Output, State
from drivers.cellular.modem import Modem
from drivers.cellular.reports import CallChanged, CallerShown, CallState, Report, parse_report
from drivers.events import (
    CallerIdReceived,
    CallerIdRecord,
    CallerIdStatus,
    LineEvent,
    LineState,
    ProgressReported,
    RingStarted,
    RingStopped,
)

_POLL_S = 2.0
_DIAL_S = 30.0
_HANG_UP_S = 2.0
_HANG_UP_ALL_S = 4.5
_SETTLE_S = 0.3
_HELD_BACK_S = 3.0
_OFFERED = (CallState.WAITING, CallState.INCOMING)  # somebody else calls
_STATES = {
    State.IDLE: LineState.IDLE,
    State.RINGING: LineState.RINGING,
    State.ANSWERING: LineState.TALKING,
    State.DIALLING: LineState.DIALLING,
    State.ALERTING: LineState.DIALLING,
    State.ACTIVE: LineState.TALKING,
    State.RELEASING: LineState.RELEASING,
}


class CallDesk:
    """``dial answer release`` for the port; ``begin``, ``hear`` and ``end`` follow the modem."""

    def __init__(
        self,
        tell: Callable[[LineEvent], None],
        enter: Callable[[LineState], None],
        now_ns: Callable[[], int],
    ) -> None:
        self._tell = tell
        self._enter = enter
        self._now_ns = now_ns
        self._calls = CallTracker()
        self._modem: Modem | None = None
        self.audio: CallAudio | None = None
        self._is_taken = False  # somebody dialled or answered and has not released yet
        self._held_back: list[LineEvent] = []
        self._is_shown = False  # the caller id of this ring was told
        self._tasks: set[asyncio.Task[None]] = set()
        self._polling: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None  # of the call that is hung up

    @property
    def is_idle(self) -> bool:
        return self._calls.state is State.IDLE and not self._is_taken

    def begin(self, modem: Modem) -> None:
        """A modem is there."""
        self._modem = modem
        if self.audio:
            self.audio.close()  # of the modem that is gone; its reader meets the end
        self.audio = None
        if modem.open_pcm:
            self.audio = CallAudio(modem, self._tell, self._now_ns)

    def end(self) -> None:
        """It is gone: a call that it had is over. The audio stays until the core lets go."""
        self._modem, self._ending = None, None
        if self.audio:
            self.audio.end()
        told = Input.TOLD_GONE
        if self._calls.state is State.RELEASING:
            told = Input.SETTLED
        self._calls.reason = "released"
        self._follow(self._calls.apply(told))

    async def dial(self, modem: Modem, number: str) -> None:
        """Raises LineError ``line.glare line.busy line.refused line.timeout``."""
        if not self.is_idle:
            raise LineError("line.glare" if self._calls.state is State.RINGING else "line.busy")
        self._is_taken = True
        self._follow(self._calls.apply(Input.DIAL))
        if modem.maker.before_call:
            await modem.run(modem.maker.before_call)
        line = modem.maker.dial.format(number=number)
        finished = await modem.run(AtCommand(line, _DIAL_S, ends_by_call=True))
        if finished.result is not Result.OK:
            await self.release()
            if finished.result is Result.TIMEOUT:
                raise LineError("line.timeout", "dialling")
            raise LineError(
                "line.busy" if finished.final == "BUSY" else "line.refused", finished.final
            )

    async def answer(self, modem: Modem) -> None:
        """Raises LineError ``line.lost`` where nobody rings any more."""
        if self._calls.state is not State.RINGING:
            raise LineError("line.lost", "nobody rings")
        self._is_taken = True
        self._follow(self._calls.apply(Input.ANSWER))
        if modem.maker.before_call:
            await modem.run(modem.maker.before_call)
        finished = await modem.run(AtCommand(modem.maker.answer, _DIAL_S, ends_by_call=True))
        if finished.result is not Result.OK:
            await self.release()
            raise LineError("line.lost", finished.final or finished.result.value)
        self._follow(self._calls.apply(Input.TOLD_ACTIVE))

    async def release(self) -> None:
        """Hang up what was dialled, answered or rings; never fails. A modem that is busy with
        something else does it when it can: the line is being released until then."""
        is_another = self._is_taken and bool(self._held_back)
        is_over = self._calls.state is State.IDLE
        if not is_another and (self._is_taken or not is_over):
            is_ringing = self._calls.state in (State.RINGING, State.ANSWERING)
            self._follow(self._calls.apply(Input.RELEASE))
            if self.audio:
                self.audio.end()
            if self._modem and self._ending is None:
                work = self._hang_up(self._modem, is_over=is_over, is_ringing=is_ringing)
                self._ending = self._spawn(work)
            if self._ending:
                await asyncio.wait({self._ending}, timeout=_HANG_UP_ALL_S)
            else:
                self._follow(self._calls.apply(Input.SETTLED))
        self._is_taken = False
        self._tell_held_back()

    def hear(self, report: Report) -> None:
        """News of calls and callers."""
        if isinstance(report, CallerShown):
            self._show_caller(report.number, report.is_withheld)
            return
        if self._modem and self._calls.is_unsure_of(report):
            self._spawn(self._check_end(self._modem, report))
            return
        self._follow(self._calls.hear(report))
        if isinstance(report, CallChanged) and report.state is CallState.INCOMING and report.number:
            self._show_caller(report.number, False)

    async def _check_end(self, modem: Modem, report: Report) -> None:
        """Ours, or a second caller's? A modem that does not say leaves it to the next poll."""
        finished = await modem.run("AT+CLCC")
        if finished.result is Result.OK:
            self._follow(self._calls.hear_end(report, _voice_calls(finished.lines)))

    async def _hang_up(self, modem: Modem, *, is_over: bool, is_ringing: bool) -> None:
        """Until the modem has no call of ours any more, however long it is busy with others'
        commands. is_over: it is believed to have none; is_ringing: ours is the one that rings."""
        passed_over = _OFFERED if not is_ringing else (CallState.WAITING,)
        is_left = not is_over or await self._is_call_left(modem, passed_over)
        while is_left and self._modem is modem:
            # Submitted together: what ends the call waits for nothing of the others.
            orders = [AtCommand(command, _HANG_UP_S) for command in modem.maker.hang_up]
            await asyncio.gather(*map(modem.run, orders))
            is_left = await self._is_call_left(modem, passed_over)
            if is_left:
                await modem.run(AtCommand("ATH", _HANG_UP_S))
            await asyncio.sleep(_SETTLE_S)
            is_left = is_left and await self._is_call_left(modem, passed_over)
        if self._modem is modem:
            self._ending = None
            self._follow(self._calls.apply(Input.SETTLED))

    async def _is_call_left(self, modem: Modem, passed_over: Sequence[CallState]) -> bool:
        """False also where it refuses to say, or is gone; a modem that is silent may have one."""
        finished = await modem.run(AtCommand("AT+CLCC", _HANG_UP_S))
        if finished.result is Result.TIMEOUT:
            return True
        return any(call.state not in passed_over for call in _voice_calls(finished.lines))

    def _follow(self, outputs: Sequence[Output]) -> None:
        for output in outputs:
            self._do(output)
        if self._modem:
            self._enter(_STATES[self._calls.state])
        self._keep_polling()

    def _do(self, output: Output) -> None:
        at_ns = self._now_ns()
        if output is Output.RING_STARTED:
            self._is_shown = False
            self._tell_or_hold(RingStarted(at_ns))
        elif output is Output.RING_STOPPED:
            if self._held_back:
                self._held_back.clear()  # nobody heard of it
            else:
                self._tell(RingStopped(at_ns))
        elif output is Output.RINGBACK:
            self._tell(ProgressReported(at_ns, "ringback"))
        elif output is Output.ANSWERED:
            self._tell(ProgressReported(at_ns, "answered"))
        elif output is Output.OVER:
            self._tell(ProgressReported(at_ns, self._calls.reason or "released"))
        if self.audio and output in (Output.ANSWERED, Output.CONNECTED):
            self.audio.connect()
        if self.audio and output is Output.OVER and self._modem:
            self._spawn(self.audio.finish())

    def _show_caller(self, number: str, is_withheld: bool) -> None:
        if self._is_shown or self._calls.state is not State.RINGING:
            return
        self._is_shown = True
        status = CallerIdStatus.WITHHELD if is_withheld else CallerIdStatus.GIVEN
        record = CallerIdRecord("" if is_withheld else number, status=status, source="clip")
        self._tell_or_hold(CallerIdReceived(self._now_ns(), record))

    def _tell_or_hold(self, event: LineEvent) -> None:
        if not self._is_taken:
            self._tell(event)
            return
        if not self._held_back:
            self._spawn(self._tell_held_back_later())
        self._held_back.append(event)

    def _tell_held_back(self) -> None:
        events, self._held_back = self._held_back, []
        for event in events:
            self._tell(event)

    async def _tell_held_back_later(self) -> None:
        await asyncio.sleep(_HELD_BACK_S)
        if self._held_back:
            self._is_taken = False
            self._tell_held_back()

    def _keep_polling(self) -> None:
        is_needed = self._modem is not None and self._calls.state not in (
            State.IDLE,
            State.RELEASING,
        )
        if is_needed and self._polling is None:
            self._polling = self._spawn(self._poll())
        elif not is_needed and self._polling:
            self._polling.cancel()
            self._polling = None

    async def _poll(self) -> None:
        while modem := self._modem:
            await asyncio.sleep(_POLL_S)
            finished = await modem.run("AT+CLCC")
            if finished.result is Result.OK:
                self._follow(self._calls.hear_poll(_voice_calls(finished.lines)))

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _voice_calls(lines: Sequence[str]) -> list[CallChanged]:
    return [report for report in map(parse_report, lines) if isinstance(report, CallChanged)]
