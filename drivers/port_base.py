"""What every port has in common: its state told as it changes, and a refusal of what it cannot do.

A driver's port derives from this and overrides what its hardware does (``capabilities`` says the
same). ``now_ns`` is given, so that events carry the time of their line.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from drivers.api import AudioDescriptor, Cadence, DialMode, LineError
from drivers.events import CallerIdRecord, LineEvent, LineState, StateChanged
from drivers.port_events import PortEvents


class BasePort:
    """``_tell`` an event, ``_enter`` a state; all commands refuse until they are overridden."""

    def __init__(self, number: int, now_ns: Callable[[], int]) -> None:
        self._number = number
        self._now_ns = now_ns
        self._events = PortEvents()
        self._state = LineState.DOWN
        self._since_ns = now_ns()

    @property
    def number(self) -> int:
        return self._number

    def events(self) -> AsyncIterator[LineEvent]:
        return self._events.read()

    def _tell(self, event: LineEvent) -> None:
        self._events.put(event)

    def _enter(self, state: LineState) -> None:
        if state is not self._state:
            self._state = state
            self._since_ns = self._now_ns()
            self._tell(StateChanged(self._since_ns, state))

    async def seize(self) -> None:
        raise _unsupported("seize")

    async def answer(self) -> None:
        raise _unsupported("answer")

    async def release(self) -> None:
        raise _unsupported("release")

    async def dial(self, digits: str, mode: DialMode = DialMode.TONE) -> None:
        raise _unsupported("dial")

    async def flash(self, duration_ms: int) -> None:
        raise _unsupported("flash")

    async def announce(self, octets: bytes) -> None:
        raise _unsupported("announce")

    async def ring(self, cadence: Cadence, caller_id: CallerIdRecord | None) -> None:
        raise _unsupported("ring")

    async def stop_ring(self) -> None:
        raise _unsupported("stop_ring")

    async def reverse(self, is_reversed: bool) -> None:
        raise _unsupported("reverse")

    async def open_loop(self, duration_ms: int) -> None:
        raise _unsupported("open_loop")

    async def send_key(self, digit: str, duration_ms: int) -> None:
        raise _unsupported("send_key")

    async def open_audio(self) -> AudioDescriptor:
        raise _unsupported("open_audio")

    async def close_audio(self, unread: bytes) -> None:
        """Nothing was open: nothing to do."""

    async def restart_audio(self) -> None:
        raise _unsupported("restart_audio")

    def on_stream_code(self, code: int) -> None:
        """No codes in this stream."""

    async def send_sms(self, number: str, text: str) -> str:
        raise _unsupported("send_sms")

    async def forget_sms(self, reference: str) -> None:
        raise _unsupported("forget_sms")


def _unsupported(command: str) -> LineError:
    return LineError("line.unsupported", command)
