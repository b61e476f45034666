"""Memory of a process that runs for years: what is free goes back, what stays is left alone.

Owns the settings of Python's garbage collector. Calls take and leave blocks of every size; glibc
keeps the pages between those that stay, some megabytes within the first hour, unless it is asked
for them (malloc_trim(3)). Another C library has no such function, and nothing is asked.
"""

from __future__ import annotations

import asyncio
import gc

TRIM_S = 60.0
_GARBAGE_ROUNDS = (10_000, 4, 10)  # seldom; what a call leaves in cycles goes after some 500 calls


def spare_the_garbage_collector() -> None:
    """What is here now lives as long as the process: it is not searched for garbage again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE_ROUNDS)
    gc.enable()


def give_back() -> bool:
    """Free pages go back to the kernel; True when there were some. Takes a millisecond or two."""
    import ctypes  # 2 ms, which no start waits for

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return bool(trim and trim(ctypes.c_size_t(0)))


async def keep_small(every_s: float = TRIM_S) -> None:
    """A task that never ends by itself; it begins when all that stays has been made."""
    await asyncio.sleep(0)  # who asked while the box began is answered first
    spare_the_garbage_collector()
    while True:
        await asyncio.sleep(every_s)
        give_back()
