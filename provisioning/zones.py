"""A time zone in the words of phones: offset, summer time, and its POSIX rule.

Owns nothing but a cache of the system's zone files, which do not change while the program runs.
The last line of a zone file (RFC 8536 §3.3) is the rule that holds from now on:
``EST5EDT,M3.2.0,M11.1.0``. Rules that are not of the ``Mm.w.d`` kind (two countries of the world)
count as without summer time.
"""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

_HOUR_S = 3600
_NAME = r"(?:<[^>]+>|[A-Za-z]+)"
_OFFSET = r"[+-]?\d+(?::\d+)?(?::\d+)?"
_CHANGE = rf"M(\d+)\.(\d)\.(\d)(?:/({_OFFSET}))?"
_RULE = re.compile(rf"({_NAME})({_OFFSET})(?:({_NAME})({_OFFSET})?(?:,{_CHANGE},{_CHANGE})?)?")


@dataclass(frozen=True, slots=True)
class Change:
    """When summer time begins or ends: week 5 = the last, weekday 0 = Sunday, hour of the day."""

    month: int
    week: int
    weekday: int
    hour: int


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone as it is from now on. offset_s: east of Greenwich, without summer time; saved_s: by
    which clocks are put on in summer (half an hour on Lord Howe)."""

    name: str
    offset_s: int
    posix: str
    begins: Change | None = None
    ends: Change | None = None
    saved_s: int = 3600

    @property
    def hours(self) -> str:
        """``+3``, ``-5``, ``+5:30``."""
        hours, minutes = divmod(abs(self.offset_s) // 60, 60)
        return f"{self._sign}{hours}" + (f":{minutes:02}" if minutes else "")

    @property
    def clock(self) -> str:
        """``+03:00``."""
        hours, minutes = divmod(abs(self.offset_s) // 60, 60)
        return f"{self._sign}{hours:02}:{minutes:02}"

    @property
    def saved(self) -> str:
        """By which clocks are put on in summer: ``1``, ``0:30``."""
        hours, minutes = divmod(self.saved_s // 60, 60)
        return f"{hours}" + (f":{minutes:02}" if minutes else "")

    @property
    def _sign(self) -> str:
        return "-" if self.offset_s < 0 else "+"


@cache
def zone(name: str) -> Zone:
    """The zone of this IANA name; one that the system does not have is Greenwich's."""
    posix = _last_line(name) or "UTC0"
    found = _RULE.fullmatch(posix)
    if found is None:
        return Zone(name, 0, "UTC0")
    begins, ends = _change(found.groups()[4:8]), _change(found.groups()[8:12])
    offset = -_seconds(found[2])
    summer = -_seconds(found[4]) if found[4] else offset + _HOUR_S
    if begins is None or ends is None:
        return Zone(name, offset, _plain_names(posix))
    if summer < offset:  # Dublin: its winter is said to be the exception, and an hour back
        posix = _the_other_way(found)
        offset, summer, begins, ends = summer, offset, ends, begins
    return Zone(name, offset, _plain_names(posix), begins, ends, summer - offset)


def _change(parts: tuple[str | None, ...]) -> Change | None:
    month, week, weekday, at = parts
    if month is None or week is None or weekday is None:
        return None
    # Phones know the hours of a day alone: what a zone counts from the day before (Nuuk: -1), or
    # into the next one (Jerusalem: 26), begins as near to it as that day allows.
    hour = min(max(_seconds(at or "2") // _HOUR_S, 0), 23)
    return Change(int(month), int(week), int(weekday), hour)


def _the_other_way(rule: re.Match[str]) -> str:
    """A rule whose second time is the smaller one, with summer time as the second."""
    changes = [f"M{rule[n]}.{rule[n + 1]}.{rule[n + 2]}" for n in (9, 5)]
    hours = [f"/{rule[n]}" if rule[n] else "" for n in (12, 8)]
    told = ",".join(change + hour for change, hour in zip(changes, hours, strict=True))
    return f"{rule[3]}{rule[4]}{rule[1]}{rule[2]},{told}"


def _plain_names(posix: str) -> str:
    """The rule with letters alone for names: phones do not know ``<+03>-3``."""
    names = iter(("UTC", "DST"))
    return re.sub("<[^>]+>", lambda _: next(names), posix)


def _seconds(text: str) -> int:
    hours, minutes, seconds = (*map(int, text.lstrip("+-").split(":")), 0, 0)[:3]
    total = hours * 3600 + minutes * 60 + seconds
    return -total if text.startswith("-") else total


def _last_line(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*", name):
        return ""
    for folder in zoneinfo.TZPATH:
        path = Path(folder, name)
        if path.is_file():
            return _rule_in(path.read_bytes())
    try:
        return _rule_in(resources.files("tzdata").joinpath("zoneinfo", name).read_bytes())
    except (OSError, ModuleNotFoundError):
        return ""


def _rule_in(octets: bytes) -> str:
    return octets.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii", "replace")
