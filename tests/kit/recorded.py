"""A stand-in for whoever can be recorded: what it says is given by the test.

Serves as a stage's stream (``take_recorded``) and as a scripted line of an app (``recorded``).
"""

from __future__ import annotations


class Recorded:
    """can_record may be set False; what is said while nothing is recorded is not kept."""

    can_record = True
    is_recording = False
    _kept = b""

    def record(self) -> None:
        assert self.can_record
        self.is_recording, self._kept = True, b""

    def take_recorded(self) -> bytes:
        kept, self._kept = self._kept, b""
        return kept

    recorded = take_recorded

    def stop_recording(self) -> None:
        self.is_recording = False

    # ---- the test's side

    def speak_words(self, octets: bytes) -> None:
        """The far end says this (A-law)."""
        if self.is_recording:
            self._kept += octets
