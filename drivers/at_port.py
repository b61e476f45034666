"""The shell around drivers/at.py: owns one descriptor on which a modem speaks AT.

Runs on the event loop: reads when there is something, re-arms one timer, hands news to its owner in
the order in which it came. A descriptor that ends or fails is told once (``on_lost``).
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable

from drivers.at import AtCommand, AtDialogue, AtFinished, NewsWords, Result

log = logging.getLogger(__name__)
_READ_OCTETS = 4096


class AtPort:
    """``run`` commands; news comes to ``on_news``."""

    def __init__(
        self,
        descriptor: int,
        news: NewsWords,
        on_news: Callable[[str], None],
        on_lost: Callable[[], None],
    ) -> None:
        """Takes the descriptor (non-blocking) and closes it in the end."""
        self._descriptor = descriptor
        self._dialogue = AtDialogue(news)
        self._on_news = on_news
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[int, asyncio.Future[AtFinished]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._out = bytearray()
        self._is_writer_armed = False
        self._loop.add_reader(descriptor, self._read)

    @property
    def is_open(self) -> bool:
        return self._descriptor >= 0

    async def run(self, command: str | AtCommand) -> AtFinished:
        """Send a command when its turn comes and wait for its end; never raises for the modem.

        Whoever is cancelled before its turn has sent nothing.
        """
        if isinstance(command, str):
            command = AtCommand(command)
        if not self.is_open:
            return AtFinished(0, Result.LOST)
        ticket = self._dialogue.submit(command, self._loop.time())
        self._waiting[ticket] = self._loop.create_future()
        log.debug("> %s", command.shown)
        self._flush()
        try:
            finished = await self._waiting[ticket]
        finally:
            self._waiting.pop(ticket, None)
            self._dialogue.withdraw(ticket)
        if finished.result is not Result.OK:
            log.debug("%s: %s %s", command.shown, finished.result.value, finished.final)
        return finished

    def close(self) -> None:
        """Let go of the device; whoever waits is told LOST."""
        if not self.is_open:
            return
        self._loop.remove_reader(self._descriptor)
        if self._is_writer_armed:
            self._loop.remove_writer(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = -1
        if self._timer:
            self._timer.cancel()
        self._dialogue.lose()
        self._tell()

    def _read(self) -> None:
        try:
            octets = os.read(self._descriptor, _READ_OCTETS)
        except BlockingIOError:
            return
        except OSError:
            octets = b""
        if not octets:
            self._lose()
            return
        self._dialogue.receive(octets, self._loop.time())
        self._flush()

    def _lose(self) -> None:
        if self.is_open:
            self.close()
            self._on_lost()

    def _flush(self) -> None:
        self._out += self._dialogue.octets_to_send()
        self._write()
        self._tell()
        self._rearm()

    def _write(self) -> None:
        try:
            while self._out and self.is_open:
                del self._out[: os.write(self._descriptor, self._out)]
        except BlockingIOError:
            pass
        except OSError:
            self._lose()
            return
        if self.is_open and bool(self._out) is not self._is_writer_armed:
            self._is_writer_armed = bool(self._out)
            if self._out:
                self._loop.add_writer(self._descriptor, self._write)
            else:
                self._loop.remove_writer(self._descriptor)

    def _tell(self) -> None:
        while event := self._dialogue.next_event():
            if isinstance(event, AtFinished):
                future = self._waiting.get(event.ticket)
                if future and not future.done():
                    future.set_result(event)
            else:
                log.debug("< %s", event.line)
                self._on_news(event.line)

    def _rearm(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        due = self._dialogue.next_timeout()
        if due is not None and self.is_open:
            self._timer = self._loop.call_at(due, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._dialogue.handle_timeout(self._loop.time())
        self._flush()
