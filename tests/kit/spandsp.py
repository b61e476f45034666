"""spandsp's own caller id transmitter, called by ctypes: a second maker of what we must hear.

Knows nothing of the product.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache

#: spandsp/adsi.h: standards of caller id.
CLASS, CLIP = 1, 2
LONGEST_SAMPLES = 40000


@cache
def library() -> ctypes.CDLL:
    name = ctypes.util.find_library("spandsp")
    assert name, "libspandsp is not installed"
    found = ctypes.CDLL(name)
    found.adsi_tx_init.restype = ctypes.c_void_p
    found.adsi_tx_init.argtypes = [ctypes.c_void_p, ctypes.c_int]
    found.adsi_tx_put_message.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    found.adsi_tx.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
    found.adsi_tx_free.argtypes = [ctypes.c_void_p]
    return found


def caller_id(message: bytes, standard: int) -> bytes:
    """s16le, 8 kHz, at spandsp's own level; the checksum at the message's end is made anew."""
    spandsp = library()
    sender = spandsp.adsi_tx_init(None, standard)
    spandsp.adsi_tx_put_message(sender, message, len(message) - 1)
    samples = (ctypes.c_int16 * LONGEST_SAMPLES)()
    made = spandsp.adsi_tx(sender, samples, LONGEST_SAMPLES)
    spandsp.adsi_tx_free(sender)
    return bytes(samples)[: 2 * made]
