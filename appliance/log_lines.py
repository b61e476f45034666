"""Lines of the log at the price of their text: what no line of ours shows is not looked up.

Reads the clock, as every record does. The standard library's record finds out the names of file,
module, thread and process, and its formatter asks the C library for the date of each line anew;
with a line a call that is a part of what a call costs.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any


class PlainRecord(logging.LogRecord):
    """A record of the fields that PlainFormatter and log_limits.py look at; the others are there,
    and empty."""

    def __init__(
        self,
        name: str,
        level: int,
        pathname: str,
        lineno: int,
        msg: object,
        args: Any,
        exc_info: Any,
        func: str | None = None,
        sinfo: str | None = None,
    ) -> None:
        if args and len(args) == 1 and isinstance(args[0], Mapping):
            args = args[0] or args
        self.name, self.msg, self.args = name, str(msg), args
        self.levelno, self.levelname = level, logging.getLevelName(level)
        self.exc_info, self.exc_text, self.stack_info = exc_info, None, sinfo
        self.created = time.time()
        self.msecs = int(self.created % 1 * 1000)
        self.pathname, self.lineno, self.funcName = pathname, lineno, func or ""
        self.filename = self.module = ""
        self.relativeCreated = 0.0
        self.thread = self.threadName = self.process = self.processName = None


class PlainFormatter(logging.Formatter):
    """``2026-11-27 12:00:00,123 INFO appliance.room: text``, and what belongs to an error below."""

    def __init__(self) -> None:
        super().__init__()
        self._second = 0
        self._date = ""

    def format(self, record: logging.LogRecord) -> str:
        """One line, without the line break; several for an error with its traceback."""
        text = f"{self._date_of(record)} {record.levelname} {record.name}: {record.getMessage()}"
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        for more in (record.exc_text, record.stack_info):
            if more:
                text += f"\n{more}"
        return text

    def _date_of(self, record: logging.LogRecord) -> str:
        """The zone of the machine may change meanwhile, not within a second."""
        second = int(record.created)
        if second != self._second:
            self._second = second
            self._date = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
        return f"{self._date},{int(record.created % 1 * 1000):03d}"
