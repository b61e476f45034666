"""Remembers which SIM's PIN was tried and not taken, so that it is not tried again.

Owns marker files, one a card, in a folder that a restart of the machine empties (the service's
RuntimeDirectory): a daemon that dies in the middle of a trial counts as failed. A marker holds a
salted hash of the PIN that was not taken, so that a corrected one is known to be another.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
from pathlib import Path

_ALL_TRIES = 3


class PinMemory:
    """folder: None = remembers until this process ends."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._failed: dict[str, str] = {}

    def may_try(self, iccid: str, pin: str, tries_left: int | None) -> bool:
        """tries_left: what the card says, None if it does not.

        The last try is always left to a person; a card that somebody failed with is tried once
        more only with a PIN known to be another one.
        """
        if tries_left is not None and tries_left < 2:
            return False
        if iccid and tries_left is None and self._has_failed_unnamed(pin):
            return False
        if iccid in self._failed:
            return self._failed[iccid] != pin
        if (is_same := self._is_marked_for(iccid, pin)) is not None:
            return not is_same
        return tries_left is None or tries_left >= _ALL_TRIES

    def _has_failed_unnamed(self, pin: str) -> bool:
        """A card that did not say its number yet was tried with it: it may have been this one."""
        return self._failed.get("") == pin or self._is_marked_for("", pin) is True

    def note_trial(self, iccid: str, pin: str) -> None:
        """Before the PIN is sent: it counts as failed until ``note_success``."""
        self._failed[iccid] = pin
        if self._folder:
            salt = os.urandom(16)
            with contextlib.suppress(OSError):
                flags = os.O_CREAT | os.O_TRUNC | os.O_WRONLY
                descriptor = os.open(self._marker(iccid), flags, 0o600)
                os.write(descriptor, salt + _hash(salt, iccid, pin))
                os.close(descriptor)

    def note_success(self, iccid: str) -> None:
        self._failed.pop(iccid, None)
        if self._folder:
            self._marker(iccid).unlink(missing_ok=True)

    def _is_marked_for(self, iccid: str, pin: str) -> bool | None:
        """Whether it was this PIN that was not taken; None if there is no marker."""
        if self._folder is None:
            return None
        try:
            marker = self._marker(iccid).read_bytes()
        except OSError:
            return None
        salt = marker[:16]
        is_whole = len(marker) == 48
        return not is_whole or hmac.compare_digest(marker[16:], _hash(salt, iccid, pin))

    def _marker(self, iccid: str) -> Path:
        assert self._folder is not None
        return self._folder / f"sim-pin-tried-{iccid or 'unknown'}"


def _hash(salt: bytes, iccid: str, pin: str) -> bytes:
    return hashlib.scrypt(f"{iccid} {pin}".encode(), salt=salt, n=2**12, r=8, p=1, dklen=32)
