"""A checksum over the values of a row, so that what rotted on the card is not taken for the truth.

PURE. SQLite notices a page whose structure is broken, not a digit that became another one. CRC-32:
it is about chance, not about enemies. Zero means that a row was written before there were any.
Numbers count by their eight octets; in rows that were written before that, by their digits, which
took longer than all the rest of the sum.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from zlib import crc32

UNKNOWN = 0
_SEAL = "\n#"  # stands in no JSON of ours: line breaks are escaped there
_octets_of_number = struct.Struct("<d").pack


def checksum_of(values: Iterable[object]) -> int:
    """1 … 2**32-1. Numbers count as SQLite gives them back: an integer of a REAL column is one."""
    return crc32(b"\x1f".join([_octets(value) for value in values])) or 1


def is_sound(values: Iterable[object], checksum: object) -> bool:
    """Whether a row is as it was written, as far as that is known."""
    row = tuple(values)
    return checksum == UNKNOWN or checksum == checksum_of(row) or checksum == _by_digits(row)


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
    row = (text, *beside)
    if digits != f"{checksum_of(row):08x}" and digits != f"{_by_digits(row):08x}":
        raise ValueError("it is not as it was written")
    return text


def _octets(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    if isinstance(value, float):
        return _octets_of_number(value)
    if isinstance(value, int):  # apart: a union of types is made anew for each question
        return _octets_of_number(value)
    return b"" if value is None else repr(value).encode("utf-8", "surrogatepass")


def _by_digits(values: Iterable[object]) -> int:
    """The sum as it was made at first."""
    text = "\x1f".join([_text(value) for value in values])
    return crc32(text.encode("utf-8", "surrogatepass")) or 1


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return repr(float(value))
    return "" if value is None else repr(value)
