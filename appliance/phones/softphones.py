"""Links for softphones: an address that gives one program one account, once, for five minutes.

Pure tables with ``now`` in monotonic seconds; a restart forgets all of them, as it closes windows.
The token is known by its checksum alone. A link that was used, or is too old, is remembered for a
while, so that whoever comes again is told which.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum

from appliance.phones.windows import WINDOW_S

MOST, REMEMBERED_S = 500, 86400.0


class LinkState(Enum):
    """What a link is worth; the values are those of provisioning/disclosure.py."""

    OPEN = "open"
    USED = "used"
    LATE = "late"
    WRONG = "wrong"


@dataclass(slots=True)
class SoftphoneLink:
    """app: the name of its brand's table; until: monotonic seconds."""

    extension: str
    app: str
    until: float
    is_used: bool = False


class SoftphoneLinks:
    """``make`` one, ask its ``state``, ``use`` it up."""

    def __init__(self) -> None:
        self._links: OrderedDict[str, SoftphoneLink] = OrderedDict()  # the oldest first

    def make(self, token: str, extension: str, app: str, now: float) -> None:
        """A link that opens for WINDOW_S; older ones of this extension are too old from now on."""
        for link in self._links.values():
            if link.extension == extension:
                link.until = min(link.until, now)
        self._links[_checksum(token)] = SoftphoneLink(extension, app, now + WINDOW_S)
        while len(self._links) > MOST or self._oldest_until() < now - REMEMBERED_S:
            self._links.popitem(last=False)

    def state(self, token: str, now: float) -> tuple[LinkState, SoftphoneLink | None]:
        """What it is worth now, and what it is for, where it is still worth something."""
        link = self._links.get(_checksum(token))
        if link is None:
            return LinkState.WRONG, None
        if link.is_used:
            return LinkState.USED, None
        return (LinkState.OPEN, link) if now < link.until else (LinkState.LATE, None)

    def use(self, token: str, now: float) -> bool:
        """Use it up; True once, while it is open."""
        _, link = self.state(token, now)
        if link is None:
            return False
        link.is_used = True
        return True

    def _oldest_until(self) -> float:
        return next(iter(self._links.values())).until


def _checksum(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
