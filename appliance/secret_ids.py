"""Tokens that nobody can guess, from the operating system's randomness.

Owns a small stock of random octets, so that a token seldom costs a system call.
"""

from __future__ import annotations

import os

_STOCK_OCTETS = 2048


class SecretIds:
    """A source of tokens (sip.ids.Ids)."""

    def __init__(self) -> None:
        self._stock = ""
        self._used = 0

    def token(self, bits: int) -> str:
        """At least that many bits of randomness as hexadecimal digits."""
        start, end = self._used, self._used + (bits + 7) // 8 * 2
        if end > len(self._stock):
            self._stock = os.urandom(_STOCK_OCTETS).hex()
            start, end = 0, end - start
        self._used = end
        return self._stock[start:end]
