"""Where accounts are at home: places that proved an account's password not long ago.

PURE; bounded memory. A place that is somebody's home is never banned as a whole, and its account
stays open to it while strangers try that account. Times: monotonic seconds.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

_Key = TypeVar("_Key")
_ROOM = 4096
_LASTS_S = 7 * 24 * 3600.0


class Homes:
    """Proofs by place, and by place and account."""

    def __init__(self) -> None:
        self._places: OrderedDict[str, float] = OrderedDict()
        self._logins: OrderedDict[tuple[str, str], float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._logins)

    def proved(self, place: str, account: str, now: float) -> bool:
        """Note that this account proved itself here; True when the place was a stranger's."""
        _note(self._logins, (place, account), now)
        return _note(self._places, place, now)

    def is_known(self, place: str, now: float) -> bool:
        """Whether anybody proved himself at this place."""
        at = self._places.get(place)
        return at is not None and now - at < _LASTS_S

    def is_home(self, place: str, account: str, now: float) -> bool:
        """Whether this account proved itself at this place."""
        at = self._logins.get((place, account))
        return at is not None and now - at < _LASTS_S


def _note(table: OrderedDict[_Key, float], key: _Key, now: float) -> bool:
    is_new = key not in table
    if is_new and len(table) >= _ROOM:
        table.popitem(last=False)
    table[key] = now
    if not is_new:
        table.move_to_end(key)
    return is_new
