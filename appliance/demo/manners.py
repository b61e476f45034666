"""How the simulated provider treats a number: by its last two digits.

PURE. A table that the screen of ``dozvon demo`` and the provider share, so that what is promised is
what happens. Short numbers (services such as 112) always answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

SHORTEST_SUBSCRIBER = 5  # digits; shorter numbers are services


class Manner(Enum):
    """What the called subscriber does."""

    ANSWERS = "answers"  # rings for a moment, speaks, then echoes
    BUSY = "busy"
    SILENT = "silent"  # rings and never answers
    OVERLOADED = "overloaded"  # the provider itself cannot serve
    UNKNOWN = "unknown"  # no such number

    @property
    def status(self) -> int:
        """The SIP status that refuses the call; 0 = it is not refused."""
        return _STATUSES.get(self, 0)


_STATUSES: Mapping[Manner, int] = {
    Manner.BUSY: 486,
    Manner.OVERLOADED: 503,
    Manner.UNKNOWN: 404,
}

BY_ENDING: Mapping[str, Manner] = {
    "00": Manner.BUSY,
    "01": Manner.SILENT,
    "02": Manner.OVERLOADED,
    "03": Manner.UNKNOWN,
}


def manner_of_number(number: str) -> Manner:
    """What happens to a call to this number (digits, with or without +)."""
    digits = number.lstrip("+")
    if len(digits) < SHORTEST_SUBSCRIBER:
        return Manner.ANSWERS
    return BY_ENDING.get(digits[-2:], Manner.ANSWERS)
