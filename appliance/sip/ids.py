"""Where unguessable tokens come from: branches, tags, Call-IDs, nonces.

PURE: a contract. Production gives the operating system's randomness, tests give a counter.
"""

from __future__ import annotations

from typing import Protocol


class Ids(Protocol):
    """A source of tokens."""

    def token(self, bits: int) -> str:
        """At least that many bits of randomness as lower-case hexadecimal digits."""
