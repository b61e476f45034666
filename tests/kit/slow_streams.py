"""Somebody who holds many TCP connections to a box and does as little as he can with each.

Owns the sockets. ``step`` does one more crumb on each; a habit is what a connection does: says
nothing, pings, sends an octet at a time, half a message, a length that never comes, or asks on and
on and never reads.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import time
from collections.abc import Iterable
from enum import Enum
from types import TracebackType

from tests.kit.raw_sip import Address

_STEP_S = 0.25
_QUESTIONS = 10
_LINGER_NOTHING = struct.pack("ii", 1, 0)


class Habit(Enum):
    SILENT = "says nothing"
    PINGS = "sends keep-alives and nothing else"
    CRUMBS = "one octet at a time"
    HALF = "half a message, then nothing"
    TOO_LONG = "a Content-Length that never comes"
    DEAF = "asks and never reads"


def options(host: str, number: int, length: int = 0) -> bytes:
    """A whole OPTIONS, but for its body."""
    lines = (
        f"OPTIONS sip:{host} SIP/2.0",
        f"Via: SIP/2.0/TCP {host}:5060;branch=z9hG4bKslow{number};rport",
        "Max-Forwards: 70",
        f"From: <sip:slow@{host}>;tag=s",
        f"To: <sip:{host}>",
        f"Call-ID: slow{number}",
        "CSeq: 1 OPTIONS",
        f"Content-Length: {length}",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


class _Slow:
    """One connection."""

    def __init__(self, source: str, box: Address, habit: Habit) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.bind((source, 0))
        self.socket.settimeout(3)
        self.socket.connect(box)
        self.socket.setblocking(False)
        self.habit = habit
        self._steps = 0

    def step(self, number: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self.socket.send(self._crumb(number) or b"")
        self._steps += 1

    def _crumb(self, number: int) -> bytes:
        whole = options("127.0.0.1", number)
        match self.habit:
            case Habit.PINGS:
                return b"\r\n\r\n"
            case Habit.CRUMBS:
                return whole[self._steps % len(whole) :][:1]
            case Habit.HALF if self._steps == 0:
                return whole[: len(whole) // 2]
            case Habit.TOO_LONG if self._steps == 0:
                return options("127.0.0.1", number, 60000) + b"v=0"
            case Habit.DEAF:
                return whole * _QUESTIONS
            case _:
                return b""

    def is_let_go(self) -> bool:
        """Whether the box has closed it."""
        with contextlib.suppress(BlockingIOError):
            if self.habit is Habit.DEAF:  # the end is seen by writing
                self.socket.send(b"\r\n")
                return False
            return not self.socket.recv(65536)
        return False


class SlowStreams:
    """So many connections from each source, their habits by turns; a context manager."""

    def __init__(self, box: Address, sources: Iterable[str], each: int) -> None:
        habits = itertools.cycle(Habit)
        self._numbers = itertools.count(1)
        self._held = [_Slow(source, box, next(habits)) for source in sources for _ in range(each)]
        self._due = time.monotonic()

    def step(self) -> None:
        """One crumb on each that still stands as far as we know, four times a second at most."""
        held = []
        is_due = time.monotonic() >= self._due
        self._due += _STEP_S if is_due else 0.0
        for slow in self._held:
            with contextlib.suppress(ConnectionError):
                if is_due:
                    slow.step(next(self._numbers))
                if not slow.is_let_go():
                    held.append(slow)
                    continue
            slow.socket.close()
        self._held = held

    def reset(self) -> None:
        """End all that is left by RST, in the middle of whatever it was."""
        for slow in self._held:
            slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOTHING)
            slow.socket.close()
        self._held = []

    def __enter__(self) -> SlowStreams:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.reset()
