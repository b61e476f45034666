"""The AT command engine: one command in flight, news recognised first, CONNECT stops the reading.

Pure but for the loop that its waiting needs (virtual in tests); owns nothing. ITU-T V.250 §5. What
comes unasked goes to a Listener in the order in which it came, whatever is in flight.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from drivers.api import LineError
from drivers.modem_v253.octets import Code, Report, Splitter, StreamEnd, TextLine, Token
from drivers.modem_v253.replies import Kind, Reply, classify, final_word

_MOST_LINES = 64
_ECHO = "AT"


class Listener(Protocol):
    """Who is told what comes unasked."""

    def ring_told(self) -> None: ...
    def caller_line_told(self, line: str) -> None: ...
    def code_told(self, octet: int) -> None: ...


class Engine:
    """One modem's command line. ``write`` sends octets, ``feed`` takes what came."""

    def __init__(self, write: Callable[[bytes], None], listener: Listener) -> None:
        self._write = write
        self._listener = listener
        self._splitter = Splitter()
        self._lines: list[str] = []
        self._waiting: asyncio.Future[str] | None = None
        self._end: StreamEnd | None = None
        self._ended: asyncio.Future[None] | None = None
        self._has_settled = False
        self._raw: bytearray | None = None  # what came while nobody trusts the modem
        self.is_streaming = False  # from CONNECT on: feed takes nothing, unread is audio
        self.timeouts = 0

    @property
    def dropped_octets(self) -> int:
        return self._splitter.dropped_octets

    # ---- octets in

    def feed(self, octets: bytes) -> None:
        """What the modem sent."""
        if self._raw is not None:
            self._raw += octets
            del self._raw[:-4096]
            return
        if self._end is not None:
            rest = self._end.feed(octets)
            if rest is None:
                return
            self._stream_ended()
            octets = rest
        self._splitter.feed(octets)
        while not self.is_streaming and (token := self._splitter.next()) is not None:
            self._take(token)

    def keep_reading(self) -> None:
        """The stream goes to the line alone: what comes is codes, and ours to read."""
        self.is_streaming = False

    def take_unread(self) -> bytes:
        """Octets that came with CONNECT or behind it: the beginning of the stream."""
        return self._splitter.rest()

    def _take(self, token: Token) -> None:
        if isinstance(token, Code):
            self._listener.code_told(token.octet)
        elif isinstance(token, Report):
            self._take_report(token)
        elif isinstance(token, TextLine):
            self._take_line(token.text)

    def _take_report(self, report: Report) -> None:
        for line in report.lines:
            if classify(line) is Kind.CALLER_ID:
                self._listener.caller_line_told(line)

    def _take_line(self, line: str) -> None:
        kind = classify(line)
        if kind is Kind.RING:
            self._listener.ring_told()
        elif kind is Kind.CALLER_ID:
            self._listener.caller_line_told(line)
        elif kind is Kind.FINAL:
            self._finish(final_word(line))
        elif kind is Kind.INFORMATION and self._waiting and not line.upper().startswith(_ECHO):
            self._lines.append(line)
            del self._lines[:-_MOST_LINES]

    def _finish(self, result: str) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None or waiting.done():
            self._has_settled = True  # of a stream's end; else late, to a command given up
            return
        self.is_streaming = result == "CONNECT"
        waiting.set_result(result)

    # ---- commands

    async def command(self, text: str, timeout_s: float = 1.5) -> Reply:
        """Send a command and wait for its final result, whatever it is.

        Raises LineError ``line.timeout``; ``line.lost`` when the modem goes meanwhile.
        """
        if self._waiting is not None or self.is_streaming:
            raise LineError("line.busy", f"{text} while another command is in flight")
        self._lines = []
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        self._write(text.encode("ascii") + b"\r")
        try:
            async with asyncio.timeout(timeout_s):
                result = await waiting
        except TimeoutError:
            self.timeouts += 1
            raise LineError("line.timeout", text) from None
        finally:
            if self._waiting is waiting:
                self._waiting = None
        return Reply(result, tuple(self._lines))

    async def demand(self, text: str, timeout_s: float = 1.5) -> Reply:
        """A command that must succeed (OK, VCON, CONNECT). Raises LineError ``line.device``."""
        reply = await self.command(text, timeout_s)
        if reply.result not in ("OK", "VCON", "CONNECT"):
            raise LineError("line.device", f"{text}: {reply.result}")
        return reply

    def fail(self, error: LineError) -> None:
        """The modem is gone, or what is in flight is not wanted any more."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)
        if self._ended is not None and not self._ended.done():
            self._ended.set_exception(error)

    # ---- the end of a stream

    def drain_stream(self, unread: bytes) -> None:
        """The media core has let go: what comes from now on is thrown away until DLE ETX.

        unread: what it had read beyond. A stream that ended by itself shows there, or as an OK.
        """
        self._end = StreamEnd()
        self._has_settled = False
        self._splitter.clear()
        self.feed(unread)

    async def wait_for_stream_end(self, octets: bytes, timeout_s: float) -> bool:
        """Send these (DLE ^ …) and throw audio away until DLE ETX; False if it does not come."""
        self._end = self._end or StreamEnd()
        ended = self._ended = asyncio.get_running_loop().create_future()
        self._write(octets)
        try:
            async with asyncio.timeout(timeout_s):
                await ended
        except TimeoutError:
            return False
        finally:
            self._ended = None
        return True

    def stream_over(self) -> None:
        """The media core met the end: lines follow."""
        self._end, self.is_streaming = None, False

    def _stream_ended(self) -> None:
        codes = self._end.codes if self._end else []
        self.stream_over()
        for octet in codes:
            self._listener.code_told(octet)
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    async def settle(self, timeout_s: float) -> None:
        """Wait for the OK that ends a stream; a modem that says none is well too."""
        if self._has_settled:
            return
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout_s):
                await waiting
        except TimeoutError:
            pass
        finally:
            if self._waiting is waiting:
                self._waiting = None

    # ---- a modem that nobody trusts

    async def answers(self, before: bytes, pause_s: float, timeout_s: float) -> bool:
        """Send something, throw away what comes for a while, and see whether AT is answered OK."""
        self.fail(LineError("line.timeout", "the modem is being recovered"))
        self.stream_over()
        self._splitter.clear()
        loop = asyncio.get_running_loop()
        self._raw = bytearray()
        try:
            self._write(before)
            await asyncio.sleep(pause_s)
            self._raw.clear()
            self._write(b"\rAT\r")
            until = loop.time() + timeout_s
            while loop.time() < until:
                await asyncio.sleep(0.02)
                if b"\nOK\r" in self._raw or self._raw.startswith(b"OK\r"):
                    await asyncio.sleep(0.05)
                    return True
            return False
        finally:
            self._raw = None
