"""Scanners that say who they are: names and identifiers by which their messages are known.

PURE; the list is data (scanners.toml). Asked for strangers' messages alone, before these are
parsed. Whoever changes the name of his tool passes, and then meets budgets and bans.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_HEADERS = {
    "user_agent": rb"user-agent|server",
    "from": rb"from|f",
    "to": rb"to|t",
    "call_id": rb"call-id|i",
    "contact": rb"contact|m",
}
_NOTHING = rb"(?!)"
_SEEN_OCTETS = 4096  # a scanner's headers stand well within


class Signatures:
    """Patterns of one list: for each header, regular expressions of what its value holds."""

    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        parts = [
            rb"(?:%s)[ \t]*:[^\r\n]*?(?:%s)" % (_HEADERS[name], b"|".join(_octets(values)))
            for name, values in patterns.items()
            if values
        ]
        either = b"|".join(parts) or _NOTHING
        self._pattern = re.compile(rb"\n(?:%s)" % either, re.IGNORECASE)

    def match(self, data: bytes) -> bool:
        """Whether this message is a scanner's."""
        return self._pattern.search(data, 0, _SEEN_OCTETS) is not None


def read_signatures(table: Mapping[str, Any]) -> Signatures:
    """The list as scanners.toml holds it; KeyError for a header that has no patterns."""
    return Signatures({name: list(values) for name, values in table.items()})


def _octets(values: Sequence[str]) -> list[bytes]:
    return [b"(?:%s)" % value.encode() for value in values]
