"""Claim codes: four digits that give a phone without a number its extension.

Pure tables with ``now`` in epoch seconds. A code is of one extension, lives for a week or until it
is used, and is no emergency number, bare or behind the outside prefix. Whoever guesses is stopped:
after MOST_WRONG wrong codes a phone rests, and after MOST_WRONG_OF_ALL all do; each rest is twice
as long as the one before, until a week has passed without a wrong code. When all rest for the
MOST_RESTS-th time, the codes are to be revoked: of ten thousand codes sixty were tried by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from appliance.routing.claim import CODE_DIGITS
from appliance.store.phones import ClaimCode

CODE_LIVES_S = 7 * 86400.0
_CLOCK_SLACK_S = 86400.0
MOST_WRONG, MOST_WRONG_OF_ALL = 5, 20
REST_S = 900.0
MOST_RESTS = 3
_LONGEST_REST_S = 86400.0
_DIGITS = "0123456789"


class Outcome(Enum):
    """What dialling a code leads to."""

    CLAIMED = "claimed"
    WRONG = "wrong"
    RESTING = "resting"
    GUESSED = "guessed"  # wrong, and one too many: the codes are to be revoked


@dataclass(slots=True)
class _Wrong:
    """Wrong codes, of one phone or of all. most: how many make a rest; until: when it ends."""

    most: int
    count: int = 0
    rests: int = 0
    until: float = 0.0
    last: float = 0.0

    def add(self, now: float) -> bool:
        """One more; True when it makes a rest."""
        if now - self.last >= CODE_LIVES_S:
            self.count = self.rests = 0
        self.last = now
        self.count += 1
        if self.count < self.most:
            return False
        self.until = now + min(REST_S * 2**self.rests, _LONGEST_REST_S)
        self.count, self.rests = 0, self.rests + 1
        return True


class Claims:
    """Issue codes, and take them. choose: ``secrets.choice``."""

    def __init__(self, choose: Callable[[str], str]) -> None:
        self._choose = choose
        self._codes: dict[str, ClaimCode] = {}  # by extension
        self._wrong: dict[str, _Wrong] = {}
        self._wrong_of_all = _Wrong(MOST_WRONG_OF_ALL)

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
                self._forgive(phone)
                return Outcome.CLAIMED, code
        self._wrong.setdefault(phone, _Wrong(MOST_WRONG)).add(monotonic)
        rests = self._wrong_of_all.add(monotonic)
        is_guessed = rests and self._wrong_of_all.rests >= MOST_RESTS
        return Outcome.GUESSED if is_guessed else Outcome.WRONG, None

    def revoke(self) -> tuple[str, ...]:
        """No code serves any more; the extensions that had one."""
        extensions = tuple(self._codes)
        self._codes.clear()
        return extensions

    def give_back(self, code: ClaimCode) -> None:
        """Nothing came of a code that was taken: it serves again, unless a newer one does."""
        self._codes.setdefault(code.extension, code)

    def _is_resting(self, phone: str, now: float) -> bool:
        own = self._wrong.get(phone)
        return now < self._wrong_of_all.until or (own is not None and now < own.until)

    def _forgive(self, phone: str) -> None:
        """Who found the right code mistyped before, and did not guess."""
        if (own := self._wrong.pop(phone, None)) is not None:
            of_all = self._wrong_of_all
            of_all.count = max(0, of_all.count - own.count)


def _holds(code: ClaimCode, now: float) -> bool:
    """Whether it is not older than a week, nor of a time that has not come: a clock that was set
    back by years must not make codes live as long."""
    return 0 < code.expires_at - now <= CODE_LIVES_S + _CLOCK_SLACK_S
