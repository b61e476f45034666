"""A log that nobody can fill up: so many lines a minute of each kind, and of each sender.

PURE but for the stream that the handler writes to; time is that of the records. A kind is the text
of a log call before its arguments are put in; a sender is the first argument that looks like an IP
address. What was left out is told by one line when its minute is over. DEBUG is not limited: who
asks for every message gets every message.
"""

from __future__ import annotations

import logging
import re
from typing import TextIO

MINUTE_S = 60.0
KIND_LINES = 60
KIND_INFO_LINES = 600  # each call writes one, and calls are what the log is for
SENDER_LINES = 20
_MOST_KEYS = 2000
_ADDRESS = re.compile(r"(?=.*[.:])[0-9a-fA-F:.]{3,45}(?:%\w+)?")
Key = tuple[str, str]


class LogLimits:
    """Counts lines of this minute."""

    def __init__(self) -> None:
        self._began = 0.0
        self._lines: dict[Key, int] = {}
        self._left_out: dict[Key, int] = {}

    def admits(self, record: logging.LogRecord) -> bool:
        """Whether this line is written. Ask ``take_summaries`` before."""
        if record.levelno <= logging.DEBUG:
            return True
        kind = (record.name, str(record.msg))
        sender = ("sender", sender_of(record))
        most = KIND_INFO_LINES if record.levelno < logging.WARNING else KIND_LINES
        if sender[1] and record.levelno < logging.ERROR and self._count(sender) > SENDER_LINES:
            return self._leave_out(sender)
        return self._count(kind) <= most or self._leave_out(kind)

    def take_summaries(self, now: float) -> list[str]:
        """What to say of the last minute, if it is over; now: as ``LogRecord.created``."""
        if abs(now - self._began) < MINUTE_S:
            return []
        self._began = now
        left_out, self._left_out = self._left_out, {}
        self._lines.clear()
        return [_summary(key, count) for key, count in left_out.items()]

    def _count(self, key: Key) -> int:
        if key not in self._lines and len(self._lines) >= _MOST_KEYS:
            key = ("sender", "others") if key[0] == "sender" else ("others", "other kinds of lines")
        count = self._lines[key] = self._lines.get(key, 0) + 1
        return count

    def _leave_out(self, key: Key) -> bool:
        if key in self._left_out or len(self._left_out) < KIND_LINES:
            self._left_out[key] = self._left_out.get(key, 0) + 1
        return False


class LimitedHandler(logging.StreamHandler[TextIO]):
    """Writes to a stream within the limits."""

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self._limits = LogLimits()

    def emit(self, record: logging.LogRecord) -> None:
        self._tell(record.created)
        if self._limits.admits(record):
            super().emit(record)

    def close(self) -> None:
        self._tell(float("inf"))
        super().close()

    def _tell(self, now: float) -> None:
        for text in self._limits.take_summaries(now):
            summary = logging.LogRecord(__name__, logging.WARNING, "", 0, text, (), None)
            super().emit(summary)


def sender_of(record: logging.LogRecord) -> str:
    """The first argument that looks like an IP address; empty when there is none."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    for argument in arguments:
        if isinstance(argument, str) and _ADDRESS.fullmatch(argument):
            return argument
    return ""


def _summary(key: Key, count: int) -> str:
    if key[0] == "sender":
        return f"{count} lines about {key[1]} were left out"
    return f"{count} lines like {key[1]!r} were left out ({key[0]})"
