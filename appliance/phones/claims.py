"""Claim codes: four digits that give a phone without a number its extension.

Pure tables with ``now`` in epoch seconds. A code is of one extension, lives for a week or until it
is used, and is no emergency number, bare or behind the outside prefix. Whoever guesses is stopped:
after MOST_WRONG wrong codes a phone rests, and after MOST_WRONG_OF_ALL all do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from enum import Enum

from appliance.routing.claim import CODE_DIGITS
from appliance.store.phones import ClaimCode

CODE_LIVES_S = 7 * 86400.0
_CLOCK_SLACK_S = 86400.0
MOST_WRONG, MOST_WRONG_OF_ALL = 5, 20
REST_S = 900.0
_DIGITS = "0123456789"


class Outcome(Enum):
    """What dialling a code leads to."""

    CLAIMED = "claimed"
    WRONG = "wrong"
    RESTING = "resting"


class Claims:
    """Issue codes, and take them. choose: ``secrets.choice``."""

    def __init__(self, choose: Callable[[str], str]) -> None:
        self._choose = choose
        self._codes: dict[str, ClaimCode] = {}  # by extension
        self._wrong: dict[str, deque[float]] = {}
        self._wrong_of_all: deque[float] = deque(maxlen=MOST_WRONG_OF_ALL)

    def restore(self, codes: Iterable[ClaimCode]) -> None:
        self._codes = {code.extension: code for code in codes}

    def code_of(self, extension: str, now: float) -> ClaimCode | None:
        """The code of an extension, if it has one that holds."""
        code = self._codes.get(extension)
        return code if code is not None and _holds(code, now) else None

    def issue(self, extension: str, forbidden: Iterable[str], now: float) -> ClaimCode:
        """A new code for an extension. forbidden: what no code may be or begin with."""
        taken = {code.code for code in self._codes.values()}
        starts = tuple(forbidden)
        while True:
            text = "".join(self._choose(_DIGITS) for _ in range(CODE_DIGITS))
            if text not in taken and not text.startswith(starts):
                break
        code = ClaimCode(extension, text, now + CODE_LIVES_S)
        self._codes[extension] = code
        return code

    def take(
        self, phone: str, dialled: str, now: float, monotonic: float
    ) -> tuple[Outcome, ClaimCode | None]:
        """(what it leads to, the code that was used if one was); a code serves once. monotonic:
        seconds by which wrong ones are counted, whatever becomes of the clock."""
        if self._is_resting(phone, monotonic):
            return Outcome.RESTING, None
        for code in self._codes.values():
            if code.code == dialled and _holds(code, now):
                del self._codes[code.extension]
                self._wrong.pop(phone, None)
                return Outcome.CLAIMED, code
        self._wrong.setdefault(phone, deque(maxlen=MOST_WRONG)).append(monotonic)
        self._wrong_of_all.append(monotonic)
        return Outcome.WRONG, None

    def give_back(self, code: ClaimCode) -> None:
        """Nothing came of a code that was taken: it serves again, unless a newer one does."""
        self._codes.setdefault(code.extension, code)

    def _is_resting(self, phone: str, now: float) -> bool:
        return _is_full(self._wrong.get(phone), now) or _is_full(self._wrong_of_all, now)


def _holds(code: ClaimCode, now: float) -> bool:
    """Whether it is not older than a week, nor of a time that has not come: a clock that was set
    back by years must not make codes live as long."""
    return 0 < code.expires_at - now <= CODE_LIVES_S + _CLOCK_SLACK_S


def _is_full(wrong: deque[float] | None, now: float) -> bool:
    """Whether so many wrong ones came within REST_S as are allowed."""
    return wrong is not None and len(wrong) == wrong.maxlen and now - wrong[0] < REST_S
