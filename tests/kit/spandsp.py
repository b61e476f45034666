"""spandsp's own transmitters of caller id and of answering tones, called by ctypes: a second maker
of what we must hear.

Knows nothing of the product.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache

#: spandsp/adsi.h: standards of caller id.
CLASS, CLIP = 1, 2
LONGEST_SAMPLES = 40000
#: spandsp/modem_connect_tones.h: 2100 Hz, the same with reversals of its phase, V.8's two likewise.
ANS, ANS_PR, ANSAM, ANSAM_PR = 2, 3, 4, 5


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
    found.modem_connect_tones_tx_init.restype = ctypes.c_void_p
    found.modem_connect_tones_tx_init.argtypes = [ctypes.c_void_p, ctypes.c_int]
    found.modem_connect_tones_tx.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
    found.modem_connect_tones_tx_free.argtypes = [ctypes.c_void_p]
    return found


def answering(kind: int) -> bytes:
    """s16le, 8 kHz, of one of the tones above, at spandsp's own level and as long as it says it."""
    spandsp = library()
    sender = spandsp.modem_connect_tones_tx_init(None, kind)
    samples = (ctypes.c_int16 * LONGEST_SAMPLES)()
    made = spandsp.modem_connect_tones_tx(sender, samples, LONGEST_SAMPLES)
    spandsp.modem_connect_tones_tx_free(sender)
    return bytes(samples)[: 2 * made]


def caller_id(message: bytes, standard: int) -> bytes:
    """s16le, 8 kHz, at spandsp's own level; the checksum at the message's end is made anew."""
    spandsp = library()
    sender = spandsp.adsi_tx_init(None, standard)
    spandsp.adsi_tx_put_message(sender, message, len(message) - 1)
    samples = (ctypes.c_int16 * LONGEST_SAMPLES)()
    made = spandsp.adsi_tx(sender, samples, LONGEST_SAMPLES)
    spandsp.adsi_tx_free(sender)
    return bytes(samples)[: 2 * made]
