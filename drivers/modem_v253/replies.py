"""Which of a modem's lines is what: final result, news that nobody asked for, information.

PURE: V.250 §5.7.1 and V.253's additions. News is recognised first, whatever is in flight: it comes
between a command and its reply.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto


class Kind(Enum):
    FINAL = auto()
    RING = auto()
    CALLER_ID = auto()
    NEWS = auto()  # cadence reports, RINGING: told and forgotten
    INFORMATION = auto()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command led to: its information lines and its final word."""

    result: str
    lines: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


#: Final words; what a modem adds behind CONNECT (a rate) does not count.
FINALS = (
    "OK",
    "ERROR",
    "VCON",
    "CONNECT",
    "BUSY",
    "NO CARRIER",
    "NO DIALTONE",
    "NO DIAL TONE",
    "NO ANSWER",
    "LINE-IN-USE",
)
_FIELD = re.compile(r"(DATE|TIME|NMBR|NAME|MESG|DDN|DDN_NMBR|CID)\s*=\s*(.*)", re.IGNORECASE)
_NEWS = re.compile(r"(DRON|DROF|RINGING|CALL WAITING|ERRM)\b", re.IGNORECASE)


def classify(line: str) -> Kind:
    """What this line is."""
    upper = line.upper()
    if upper == "RING":
        return Kind.RING
    if _FIELD.fullmatch(line):
        return Kind.CALLER_ID
    if _NEWS.match(line):
        return Kind.NEWS
    if upper in FINALS or upper.startswith(("CONNECT ", "+CME ERROR")):
        return Kind.FINAL
    return Kind.INFORMATION


def final_word(line: str) -> str:
    """CONNECT without its rate, one spelling of NO DIALTONE."""
    upper = line.upper()
    if upper.startswith("CONNECT"):
        return "CONNECT"
    if upper.startswith("+CME"):
        return "ERROR"
    return "NO DIALTONE" if upper == "NO DIAL TONE" else upper


def field_of(line: str) -> tuple[str, str]:
    """Name and value of a caller-id line; empty for another."""
    found = _FIELD.fullmatch(line)
    return (found[1].upper(), found[2].strip()) if found else ("", "")
