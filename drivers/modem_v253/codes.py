"""DLE codes of V.253 read into line events, with what each model is known to say falsely.

PURE: V.253 tables 15-18 as one table here. A code's meaning depends on when it comes: soon after
off-hook a line settles, and some firmware hears dial tone in the host's own voice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.events import (
    KeyReported,
    LineEvent,
    LoopBroken,
    OffHook,
    OnHook,
    PolarityReversed,
    ProgressReported,
)
from drivers.modem_v253.models import Model

RING = ord("R")
#: Code -> word of ProgressReported.
PROGRESS = {
    "b": "busy",
    "K": "busy",
    "d": "dial_tone",
    "i": "dial_tone",
    "r": "ringback",
    "J": "sit",
    "s": "silence",
    "q": "silence",  # what V.253 presumes is the end of a message
    "a": "fax",
    "c": "fax",
    "m": "fax",
}
_KEYS = "0123456789*#ABCD"
_SETTLE_S = 0.65  # loop and polarity count for nothing so soon after off-hook
_BELIEVED_S = 30.0
_COUNTED = {"u": "underruns", "o": "overruns", "Y": "lost_data", "E": "bad_format"}


@dataclass(slots=True)
class CodeReader:
    """The codes of one modem. counts: under- and overruns, what a health page shows."""

    model: Model
    reports_keys: bool = False
    lifted_at: float | None = None  # monotonic seconds; None = on-hook
    is_streaming: bool = False
    extension_up_at: float | None = None
    counts: dict[str, int] = field(default_factory=dict)
    _is_reversed: bool = False
    _key: str = ""

    def read(self, octet: int, now: float, at_ns: int) -> LineEvent | None:
        """What this code tells, if anything (ringing is the port's)."""
        letter = chr(octet)
        if letter in _COUNTED:
            name = _COUNTED[letter]
            self.counts[name] = self.counts.get(name, 0) + 1
            return None
        if letter in "/~" or letter in _KEYS:
            return self._read_key(letter, at_ns)
        if letter in PROGRESS:
            return self._read_progress(PROGRESS[letter], at_ns)
        return self._read_wires(letter, now, at_ns)

    def _read_key(self, letter: str, at_ns: int) -> LineEvent | None:
        """DLE / … DLE ~ brackets one press, in which the key is repeated every 70 ms."""
        if letter in "/~":
            self._key = ""
            return None
        if letter == self._key:
            return None
        self._key = letter
        return KeyReported(at_ns, letter) if self.reports_keys else None

    def _read_progress(self, word: str, at_ns: int) -> LineEvent | None:
        is_dial = word == "dial_tone"
        if self.lifted_at is None or (is_dial and self.is_streaming and self.model.masks_dial_tone):
            return None
        if word == "busy" and self.model.masks_busy:
            return None
        return ProgressReported(at_ns, word)

    def _read_wires(self, letter: str, now: float, at_ns: int) -> LineEvent | None:
        if letter in "Pp" and self.model.reports_extension:
            self.extension_up_at = now if letter == "P" else None
            return OffHook(at_ns) if letter == "P" else OnHook(at_ns)
        if letter == "L" and self.model.reports_polarity:
            self._is_reversed = not self._is_reversed
            is_settled = self.lifted_at is None or now - self.lifted_at >= _SETTLE_S
            return PolarityReversed(at_ns, self._is_reversed) if is_settled else None
        if self.lifted_at is None or not self.model.reports_loop:
            return None
        since = now - self.lifted_at
        is_break = (letter == "l" and since >= _SETTLE_S) or (
            letter == "h" and since >= self.model.mask_line_current_s
        )
        return LoopBroken(at_ns, self.model.loop_break_ms) if is_break else None

    def is_extension_up(self, now: float) -> bool:
        """A parallel telephone is up, as far as is known."""
        return self.extension_up_at is not None and now < self.extension_up_at + _BELIEVED_S

    @property
    def extension_deadline(self) -> float | None:
        """Its hanging up is told in class 8 alone, so that old news is none from then on."""
        return None if self.extension_up_at is None else self.extension_up_at + _BELIEVED_S

    def lifted(self, now: float) -> None:
        self.lifted_at, self._is_reversed, self._key = now, False, ""

    def hung_up(self) -> None:
        self.lifted_at, self.is_streaming, self._key = None, False, ""
