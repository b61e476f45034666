"""Memory of a process that runs for years: what is free goes back, what stays is left alone.

Owns the settings of Python's garbage collector. Calls take and leave blocks of every size; glibc
keeps the pages between those that stay, some megabytes within the first hour, unless it is asked
for them (malloc_trim(3)). Another C library has no such function, and nothing is asked. Objects lie
in large pages from the start, and what else stays is gathered in such: at an office's load every
message finds the processor's tables of pages cold, and walks through them for each small one.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from io import FileIO
from mmap import PAGESIZE
from pathlib import Path

TRIM_S = 60.0
MADV_COLLAPSE = 25  # Linux 6.1, <asm-generic/mman-common.h>
_LARGE_PAGE = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")
_MAPS = Path("/proc/self/maps")
_PAGES = Path("/proc/self/pagemap")  # mincore(2) would tell, too, which systemd's filter refuses
_PAGE_WORD_OCTETS = 8
_PRESENT = 0x80  # of its last octet: bit 63 (proc(5))
_GARBAGE_ROUNDS = (50_000, 4, 10)  # seldom: it looks at all that calls left, which has gone cold


def spare_the_garbage_collector() -> None:
    """What is here now lives as long as the process: it is not searched for garbage again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE_ROUNDS)
    gc.enable()


def lay_out() -> bool:
    """Have objects from now on lie in large pages, before what stays is loaded; False where that
    cannot be."""
    try:
        from appliance.service.native.arenas import use_large_pages

        return use_large_pages(int(_LARGE_PAGE.read_text()))
    except (ImportError, OSError, ValueError):
        return False


def give_back() -> bool:
    """Free pages go back to the kernel; True when there were some. Takes a millisecond or two."""
    import ctypes  # 2 ms, which no start waits for

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return bool(trim and trim(ctypes.c_size_t(0)))


def gather() -> int:
    """Move what is in use and lies together into large pages; returns how many there are.

    A place of which more than an eighth is empty is left alone, for a large page fills it (stacks
    of threads, above all). A kernel that knows no such thing leaves all as it is. Takes some
    milliseconds.
    """
    try:
        size = int(_LARGE_PAGE.read_text())
        with _PAGES.open("rb", buffering=0) as pages:
            places = [p for p in _large_places(_MAPS.read_text(), size) if _is_used(pages, p, size)]
    except (OSError, ValueError):
        return 0
    import ctypes

    advise = ctypes.CDLL(None).madvise
    length = ctypes.c_size_t(size)
    return sum(advise(ctypes.c_void_p(p), length, MADV_COLLAPSE) == 0 for p in places)


def _is_used(pages: FileIO, place: int, size: int) -> bool:
    """Whether of this place an eighth at most is empty."""
    count = size // PAGESIZE
    words = os.pread(
        pages.fileno(), count * _PAGE_WORD_OCTETS, place // PAGESIZE * _PAGE_WORD_OCTETS
    )
    present = sum(
        last & _PRESENT != 0 for last in words[_PAGE_WORD_OCTETS - 1 :: _PAGE_WORD_OCTETS]
    )
    return present * 8 >= count * 7


def _large_places(maps: str, size: int) -> Iterator[int]:
    """Where a page of this size has room in the process's own memory (proc(5), ``maps``)."""
    for line in maps.splitlines():
        span, rights, _, _, _, *name = line.split(maxsplit=5)
        if rights == "rw-p" and (not name or name[0] == "[heap]"):
            begin, end = (int(figure, 16) for figure in span.split("-"))
            yield from range(-(-begin // size) * size, end - size + 1, size)


async def keep_small(every_s: float = TRIM_S) -> None:
    """A task that never ends by itself; it begins when all that stays has been made."""
    from asyncio import sleep  # what is loaded before ``lay_out`` lies where it lies

    await sleep(0)  # who asked while the box began is answered first
    spare_the_garbage_collector()
    gather()
    while True:
        await sleep(every_s)
        give_back()
