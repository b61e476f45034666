"""The AT dialogue with a modem: octets become lines, lines become answers or news.

PURE: octets and times in, octets and events out (ITU-T V.250 §5, 3GPP TS 27.007). One command is in
flight, the others wait. Every line is asked first whether it is news (an unsolicited result
code): news comes between echo and answer, in one read with other lines, and glued to their ends.
What the lines mean is the driver's.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from enum import Enum

_LONGEST_LINE = 4096
_CALL_RESULTS = ("NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE")
_ERRORS = ("+CME ERROR", "+CMS ERROR")
_ESCAPE, _SUBSTITUTE = b"\x1b", b"\x1a"
#: After a command that was not answered: how long its late answer is waited for and dropped.
_QUARANTINE_S = 0.5


class Result(Enum):
    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"
    LOST = "lost"  # the port is gone


@dataclass(frozen=True, slots=True)
class AtCommand:
    """One command line. text: without its carriage return.

    payload: what follows the prompt ``> `` (closed by Ctrl-Z). ends_by_call: NO CARRIER, BUSY and
    their like are this command's answer (dialling, answering). is_secret: never shown in a log.
    """

    text: str
    timeout_s: float = 5.0
    payload: bytes | None = None
    ends_by_call: bool = False
    is_secret: bool = False

    @property
    def shown(self) -> str:
        return self.text.partition("=")[0] + "=…" if self.is_secret else self.text


@dataclass(frozen=True, slots=True)
class AtFinished:
    """A command's end. lines: those between command and final line; final: that line."""

    ticket: int
    result: Result
    lines: tuple[str, ...] = ()
    final: str = ""


@dataclass(frozen=True, slots=True)
class AtNews:
    """A line that answers nothing."""

    line: str


AtEvent = AtFinished | AtNews


class NewsWords:
    """Which lines are news, by their beginnings; ``split`` parts what is glued together.

    words: whole lines (``RING``) and beginnings (``+CMTI:``). A beginning that the command in
    flight asks about (``AT+CREG?`` and ``+CREG:``) is an answer.
    """

    def __init__(self, words: tuple[str, ...]) -> None:
        self._whole = frozenset(word for word in words if not word.endswith(":"))
        self._beginnings = tuple(word for word in words if word.endswith(":"))
        glued = sorted((*self._beginnings, *self._whole), key=len, reverse=True)
        self._glue = re.compile("|".join(map(re.escape, glued)) or r"(?!)")

    def is_news(self, line: str, command: str) -> bool:
        if line in self._whole:
            return True
        beginning = next((word for word in self._beginnings if line.startswith(word)), "")
        if not beginning:
            return False
        asked = re.escape(beginning.rstrip(":")) + r"(\?|=\?|;|$)"
        return re.search(asked, command) is None

    def split(self, line: str) -> list[str]:
        """``+CSQ: 20,99+CMTI: "SM",3`` is two lines; what stands in quotes is not looked at."""
        cuts = [0]
        for found in self._glue.finditer(line):
            at, before = found.start(), line[: found.start()]
            is_word = found.group()[-1] == ":" or found.end() == len(line)
            is_within = before[-1:].isalpha() and found.group()[0].isalpha() and before != "OK"
            if at and is_word and not is_within and before.count('"') % 2 == 0:
                cuts.append(at)
        return [part for part in map(str.strip, _parts(line, cuts)) if part]


def _parts(line: str, cuts: list[int]) -> list[str]:
    return [line[a:b] for a, b in zip(cuts, [*cuts[1:], len(line)], strict=True)]


class AtDialogue:
    """Commands in, events out: ``submit``, ``withdraw``, ``receive``, ``handle_timeout``; then
    ``octets_to_send`` and ``next_event`` until they give nothing more."""

    def __init__(self, news: NewsWords) -> None:
        self._news = news
        self._buffer = bytearray()
        self._queue: deque[tuple[int, AtCommand]] = deque()
        self._current: tuple[int, AtCommand] | None = None
        self._awaits_prompt = False
        self._lines: list[str] = []
        self._deadline = 0.0
        self._quiet_until = 0.0
        self._out = bytearray()
        self._events: deque[AtEvent] = deque()
        self._tickets = 0

    def submit(self, command: AtCommand, now: float) -> int:
        """Queue a command; its AtFinished carries the ticket that is returned."""
        self._tickets += 1
        self._queue.append((self._tickets, command))
        self._begin_next(now)
        return self._tickets

    def withdraw(self, ticket: int) -> None:
        """Nobody wants this command any more: it is not sent, if it still waits."""
        self._queue = deque(waiting for waiting in self._queue if waiting[0] != ticket)

    def receive(self, octets: bytes, now: float) -> None:
        """What the modem sent, split anywhere."""
        self._buffer += octets
        while self._take_prompt() or self._take_line(now):
            pass
        if len(self._buffer) > _LONGEST_LINE:
            del self._buffer[:-_LONGEST_LINE]

    def octets_to_send(self) -> bytes:
        octets = bytes(self._out)
        self._out.clear()
        return octets

    def next_event(self) -> AtEvent | None:
        return self._events.popleft() if self._events else None

    def next_timeout(self) -> float | None:
        if self._current:
            return self._deadline
        return self._quiet_until if self._queue else None

    def handle_timeout(self, now: float) -> None:
        """The time of ``next_timeout`` has come: the command failed, or the next one may go."""
        if self._current and now >= self._deadline:
            if self._current[1].payload is not None:
                self._out += _ESCAPE  # frees a prompt that is stuck
            self._quiet_until = now + _QUARANTINE_S
            self._finish(Result.TIMEOUT, "", now)
        self._begin_next(now)

    def lose(self) -> None:
        """The port is gone: everything in flight and waiting ends with LOST."""
        waiting = [*([self._current] if self._current else []), *self._queue]
        self._queue.clear()
        self._current = None
        self._buffer.clear()
        self._out.clear()
        self._events.extend(AtFinished(ticket, Result.LOST) for ticket, _ in waiting)

    def _begin_next(self, now: float) -> None:
        if self._current or not self._queue or now < self._quiet_until:
            return
        self._current = self._queue.popleft()
        command = self._current[1]
        self._awaits_prompt = command.payload is not None
        self._lines = []
        self._deadline = now + command.timeout_s
        self._out += command.text.encode("ascii", "replace") + b"\r"

    def _finish(self, result: Result, final: str, now: float) -> None:
        assert self._current is not None
        ticket, _ = self._current
        self._current = None
        self._awaits_prompt = False
        self._events.append(AtFinished(ticket, result, tuple(self._lines), final))
        self._begin_next(now)

    def _take_prompt(self) -> bool:
        """``> `` has no line end: it is looked for only where a command waits for it."""
        if not self._awaits_prompt or not self._current:
            return False
        start = self._buffer.lstrip(b"\r\n \0")
        if not start.startswith(b">"):
            return False
        self._buffer = bytearray(start[1:].removeprefix(b" "))
        self._awaits_prompt = False
        self._out += (self._current[1].payload or b"") + _SUBSTITUTE
        return True

    def _take_line(self, now: float) -> bool:
        ends = [at for at in (self._buffer.find(b"\r"), self._buffer.find(b"\n")) if at >= 0]
        if not ends:
            return False
        raw = bytes(self._buffer[: min(ends)])
        del self._buffer[: min(ends) + 1]
        text = raw.decode("latin-1").strip(" \0\x1a")
        for line in self._news.split(text) if text else ():
            self._take(line, now)
        return True

    def _take(self, line: str, now: float) -> None:
        command = self._current[1] if self._current else None
        asked = command.text if command else ""
        is_call_news = line in _CALL_RESULTS and not (command and command.ends_by_call)
        if is_call_news or self._news.is_news(line, asked):
            self._events.append(AtNews(line))
        elif command is None:
            if line not in ("OK", "ERROR") and not line.startswith(_ERRORS):
                self._events.append(AtNews(line))
        elif line == asked:
            return  # its echo
        elif line == "OK":
            self._finish(Result.OK, line, now)
        elif line == "ERROR" or line.startswith(_ERRORS) or line in _CALL_RESULTS:
            self._finish(Result.ERROR, line, now)
        else:
            self._lines.append(line)
