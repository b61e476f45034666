"""A checksum over the values of a row, so that what rotted on the card is not taken for the truth.

PURE. SQLite notices a page whose structure is broken, not a digit that became another one. CRC-32:
it is about chance, not about enemies. Zero means that a row was written before there were any.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

UNKNOWN = 0
_SEAL = "\n#"  # stands in no JSON of ours: line breaks are escaped there


def checksum_of(values: Iterable[object]) -> int:
    """1 … 2**32-1. Numbers count as SQLite gives them back: an integer of a REAL column is one."""
    text = "\x1f".join([_text(value) for value in values])
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) or 1


def is_sound(values: Iterable[object], checksum: object) -> bool:
    """Whether a row is as it was written, as far as that is known."""
    return checksum == UNKNOWN or checksum == checksum_of(values)


def seal(text: str, *beside: object) -> str:
    """A JSON object as it is kept: with the checksum of it, and of the row's other values, behind.

    For tables whose rows are mostly one JSON text; ``unseal`` gives it back.
    """
    return f"{text}{_SEAL}{checksum_of((text, *beside)):08x}"


def unseal(kept: object, *beside: object) -> str:
    """The JSON text of a row that is as it was written; raises ValueError for one that rotted.

    A text without a seal was written before there were any.
    """
    text, mark, digits = str(kept).rpartition(_SEAL)
    if not mark:
        if not digits.endswith("}"):
            raise ValueError("neither sealed nor whole")
        return digits
    if digits != f"{checksum_of((text, *beside)):08x}":
        raise ValueError("it is not as it was written")
    return text


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return repr(float(value))
    return "" if value is None else repr(value)
