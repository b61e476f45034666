"""Has the write-ahead log of an SQLite file rotted? SQLite itself drops such a tail without a word.

PURE but for reading the file. The format is SQLite's own (fileformat2, §4): a header of 32 octets
and frames of 24 octets and a page, each with a checksum that goes on from the one before. A frame
that does not fit is the end, as after every power cut; frames of the same round behind it, one of
which commits, say that the end was not here.
"""

from __future__ import annotations

import struct
from array import array
from pathlib import Path

_HEADER, _FRAME = struct.Struct(">8I"), struct.Struct(">6I")
_MAGIC = 0x377F0682  # its lowest bit: checksums of big-endian words
_MASK = 0xFFFFFFFF
_PAGES = tuple(1 << n for n in range(9, 17))


def has_lost_its_tail(path: Path) -> bool:
    """Whether changes that were committed to this log cannot be read any more."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    if len(data) <= _HEADER.size + _FRAME.size:
        return False
    magic, version, page, _, salt_1, salt_2, sum_1, sum_2 = _HEADER.unpack_from(data)
    is_big = bool(magic & 1)
    sums = _checksum(data[:24], (0, 0), is_big=is_big)
    if magic & ~1 != _MAGIC or version != 3007000 or page not in _PAGES or sums != (sum_1, sum_2):
        return True
    step = _FRAME.size + page
    for at in range(_HEADER.size, len(data) - step + 1, step):
        frame = data[at : at + step]
        _, _, *salts, frame_1, frame_2 = _FRAME.unpack_from(frame)
        if salts != [salt_1, salt_2]:
            return _is_committed_later(data, at + step, step, [salt_1, salt_2])
        sums = _checksum(frame[24:], _checksum(frame[:8], sums, is_big=is_big), is_big=is_big)
        if sums != (frame_1, frame_2):
            return _is_committed_later(data, at, step, [salt_1, salt_2])
    return False


def _is_committed_later(data: bytes, start: int, step: int, salts: list[int]) -> bool:
    """Whether a frame of this round from here on ends a transaction."""
    for at in range(start, len(data) - step + 1, step):
        _, pages, *found, _, _ = _FRAME.unpack_from(data, at)
        if found == salts and pages:
            return True
    return False


def _checksum(data: bytes, sums: tuple[int, int], *, is_big: bool) -> tuple[int, int]:
    words = array("I", data)
    if is_big:
        words.byteswap()
    first, second = sums
    pairs = iter(words)
    for even, odd in zip(pairs, pairs, strict=True):
        first = (first + even + second) & _MASK
        second = (second + odd + first) & _MASK
    return first, second
