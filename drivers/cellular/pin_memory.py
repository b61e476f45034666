"""Remembers which SIM's PIN was tried and not taken, so that it is not tried again.

Owns empty marker files, one a card, in a folder that a restart of the machine empties (the
service's RuntimeDirectory): a daemon that dies in the middle of a trial counts as failed. The PIN
itself is kept in memory alone.
"""

from __future__ import annotations

import contextlib
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
        if iccid in self._failed:
            return self._failed[iccid] != pin
        if tries_left is not None:
            return tries_left >= _ALL_TRIES
        return not self._is_marked(iccid)

    def note_trial(self, iccid: str, pin: str) -> None:
        """Before the PIN is sent: it counts as failed until ``note_success``."""
        self._failed[iccid] = pin
        if self._folder:
            with contextlib.suppress(OSError):
                os.close(os.open(self._marker(iccid), os.O_CREAT | os.O_WRONLY, 0o600))

    def note_success(self, iccid: str) -> None:
        self._failed.pop(iccid, None)
        if self._folder:
            self._marker(iccid).unlink(missing_ok=True)

    def _is_marked(self, iccid: str) -> bool:
        return self._folder is not None and self._marker(iccid).exists()

    def _marker(self, iccid: str) -> Path:
        assert self._folder is not None
        return self._folder / f"sim-pin-tried-{iccid or 'unknown'}"
