"""The thread that owns a line card's UART: octets, times, and the audio of all its ports.

Audio never crosses the event loop: each 10 ms block of a port goes to the socket pair whose other
end the media core reads, and what the core answers to it goes back in the same turn (the card's
clock paces both; what waits meanwhile waits in the card). Everything else is told to the loop, in
order, by ``on_event``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import select
import socket
import termios
import threading
import time
from collections import deque
from collections.abc import Callable

from drivers.linecard.messages import BLOCK, PORTS_IN_FRAME, AudioUp
from drivers.linecard.session import BaudWanted, CardSession, SessionEvent
from drivers.serial_line import BAUD_RATES

log = logging.getLogger(__name__)
_READ_OCTETS = 8192
_WATCHED_FRAMES = 100
#: The core answers a block within a millisecond; what comes later goes down with the next one, and
#: the card, which played silence for once, has a block ahead from then on.
_ANSWER_S = 0.004
_MOST_BLOCKS = 3  # as many as a card keeps
_CALM_FRAMES = 1000
#: Blocks that wait in the card; more is delay that came from a moment when nothing arrived.
_DEPTH = 1


class DepthWatch:
    """``is_late`` with the depth of each frame: whether a block is to be left out now."""

    def __init__(self) -> None:
        self._least = _WATCHED_FRAMES
        self._frames = 0

    def is_late(self, depth: int) -> bool:
        """For a second there was always a block too much in the card, or its queue is full."""
        self._least = min(self._least, depth)
        self._frames += 1
        is_full = depth >= _DEPTH + 2
        if self._frames < _WATCHED_FRAMES and not is_full:
            return False
        is_late = self._least > _DEPTH or is_full
        self._least, self._frames = _WATCHED_FRAMES, 0
        return is_late

    def excuse(self) -> None:
        """The core was late: what the card has ahead is needed for ten seconds."""
        self._frames = _WATCHED_FRAMES - _CALM_FRAMES


class CardThread:
    """``start``; ``command``, ``open_audio`` and ``close_audio`` from the loop; ``stop``."""

    def __init__(
        self,
        descriptor: int,
        session: CardSession,
        on_event: Callable[[SessionEvent], None],
        on_lost: Callable[[], None],
    ) -> None:
        """Takes the descriptor (non-blocking) and closes it in the end."""
        self._descriptor = descriptor
        self._session = session
        self._on_event = on_event
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._orders: deque[tuple[int, bytes, Callable[[int], None]]] = deque()
        self._audio: dict[int, socket.socket] = {}
        self._pairs: dict[int, tuple[socket.socket, socket.socket]] = {}
        self._wake_reader, self._wake_writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._thread = threading.Thread(target=self._run, name="line card", daemon=True)
        self._is_stopping = False
        self._ending = threading.Lock()
        self._is_running = False
        self._is_left = False  # nobody waits for it any more: it closes what it has by itself
        self._out = bytearray()
        self._depths: dict[int, DepthWatch] = {}  # by the lowest port of a frame
        self._owed: dict[int, int] = {}  # port -> blocks that the core has not answered
        self.skipped = 0  # blocks that were left out, so that the card's queue stays short
        self.missing = 0  # blocks that the core did not answer in time
        self.unread = 0  # blocks that the core did not take

    def start(self) -> None:
        self._is_running = True
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye and let go; returns within a second. A thread that a device holds up keeps
        its descriptors until it comes back: their numbers could be others' by then."""
        self._is_stopping = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join(1.0)
        for ours, theirs in self._pairs.values():
            ours.close()
            theirs.close()
        with self._ending:
            self._is_left, is_running = True, self._is_running
        if is_running:
            log.error("the line card's device does not let go of its thread")
        else:
            self._close()

    def _close(self) -> None:
        for descriptor in (self._descriptor, self._wake_reader, self._wake_writer):
            os.close(descriptor)

    def command(self, port: int, payload: bytes, on_ticket: Callable[[int], None]) -> None:
        """on_ticket: called on the loop, before the command's Responded comes to ``on_event``."""
        self._orders.append((port, payload, on_ticket))
        self._wake()

    def open_audio(self, port: int) -> int:
        """The descriptor for the media core: A-law, 80 octets at a time."""
        if port not in self._pairs:
            ours, theirs = socket.socketpair()
            for end in (ours, theirs):
                end.setblocking(False)
            self._pairs[port] = (ours, theirs)
            self._audio[port] = ours
            self._owed[port] = 0
        return self._pairs[port][1].fileno()

    def close_audio(self, port: int) -> None:
        """The core has let go."""
        self._audio.pop(port, None)
        for end in self._pairs.pop(port, ()):
            end.close()

    # ---- on the thread

    def _run(self) -> None:
        try:
            self._serve()
        except OSError as fault:
            log.debug("the line card is gone: %s", fault)
        except Exception:
            log.exception("the line card's thread failed")
        if not self._is_stopping:
            self._call(self._on_lost)
        with self._ending:
            self._is_running, is_left = False, self._is_left
        if is_left:
            self._close()

    def _serve(self) -> None:
        poller = select.poll()
        poller.register(self._descriptor, select.POLLIN)
        poller.register(self._wake_reader, select.POLLIN)
        while not self._is_stopping:
            wait_s = self._session.next_timeout() - time.monotonic()
            is_full = bool(self._out)
            poller.modify(self._descriptor, select.POLLIN | (select.POLLOUT if is_full else 0))
            for descriptor, _ in poller.poll(max(0.0, wait_s) * 1000.0):
                if descriptor == self._descriptor:
                    self._read()
                else:
                    self._obey()
            self._session.handle_timeout(time.monotonic())
            self._flush()
        self._session.say_goodbye(time.monotonic())
        self._flush()

    def _read(self) -> None:
        try:
            octets = os.read(self._descriptor, _READ_OCTETS)
        except BlockingIOError:
            return
        if not octets:
            raise OSError("the end of the device")
        self._session.receive(octets, time.monotonic())
        self._flush()

    def _obey(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_reader, 4096)
        while self._orders:
            port, payload, on_ticket = self._orders.popleft()
            ticket = self._session.command(port, payload, time.monotonic())
            self._call(on_ticket, ticket)

    def _flush(self) -> None:
        while event := self._session.next_event():
            if isinstance(event, AudioUp):
                self._move_audio(event)
            elif isinstance(event, BaudWanted):
                self._write()
                _change_baud(self._descriptor, event.baud)
            else:
                self._call(self._on_event, event)
        self._write()

    def _write(self) -> None:
        self._out += self._session.octets_to_send()
        with contextlib.suppress(BlockingIOError):
            while self._out:
                del self._out[: os.write(self._descriptor, self._out)]
        del self._out[: max(0, len(self._out) - _READ_OCTETS)]  # a wire that takes nothing

    def _move_audio(self, up: AudioUp) -> None:
        watch = self._depths.setdefault(min(up.blocks, default=0), DepthWatch())
        is_skipping = watch.is_late(up.depth)
        ends = {port: self._audio[port] for port in up.blocks if port in self._audio}
        for port, ours in ends.items():
            self._give(port, ours, up.blocks[port])
        answer_by = time.monotonic() + _ANSWER_S
        said = {port: self._take(port, ours, answer_by) for port, ours in ends.items()}
        if not all(said.values()):
            watch.excuse()
        if is_skipping:
            self.skipped += 1
            said = {port: octets[BLOCK:] for port, octets in said.items()}
        for at in range(0, _MOST_BLOCKS * BLOCK, BLOCK):
            down = {port: octets[at : at + BLOCK] for port, octets in said.items() if octets[at:]}
            if down and len(down) <= PORTS_IN_FRAME:
                self._session.send_audio(up.samples, down, time.monotonic())

    def _give(self, port: int, ours: socket.socket, block: bytes) -> None:
        """To the core."""
        try:
            ours.send(block)
        except OSError:
            self.unread += 1
        else:
            self._owed[port] = min(self._owed[port] + 1, _MOST_BLOCKS)

    def _take(self, port: int, ours: socket.socket, answer_by: float) -> bytes:
        """What the core answered, whole blocks; nothing where it is late."""
        poller, said = select.poll(), _received(ours)
        descriptor = ours.fileno()
        if descriptor < 0:
            return b""  # its call has just ended
        poller.register(descriptor, select.POLLIN)
        while len(said) < self._owed[port] * BLOCK:
            poller.poll(max(0.0, answer_by - time.monotonic()) * 1000)
            octets = _received(ours)
            if not octets:
                break
            said += octets
        blocks = len(said) // BLOCK
        self._owed[port] -= min(blocks, self._owed[port])
        self.missing += blocks == 0
        return said[-_MOST_BLOCKS * BLOCK :]

    def _call(self, work: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody cares any more
            self._loop.call_soon_threadsafe(work, *arguments)

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            os.write(self._wake_writer, b"x")


def _received(ours: socket.socket) -> bytes:
    """What waits; nothing also where the core has let go."""
    try:
        return ours.recv(_READ_OCTETS)
    except OSError:
        return b""


def _change_baud(descriptor: int, baud: int) -> None:
    """Once what was written has left; what is no tty has no rate. One that we do not have is as one
    that does not get through: the session goes back to the first."""
    if baud not in BAUD_RATES:
        log.warning("the line card wants %d baud, which we do not have", baud)
        return
    with contextlib.suppress(termios.error):
        attributes = termios.tcgetattr(descriptor)
        attributes[4] = attributes[5] = BAUD_RATES[baud]
        termios.tcsetattr(descriptor, termios.TCSADRAIN, attributes)
