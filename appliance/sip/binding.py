"""One phone as the registrar knows it, and what can happen to it.

PURE. A binding ties an address of record to a contact (RFC 3261 §10) and to the hop by which that
contact can be reached: the contact URI goes into the Request-URI, the datagram goes to ``hop``.
registrar.py makes and changes bindings; store/registrations.py keeps them over a restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from appliance.sip.events import Hop

NO_ANSWER = "no_answer"  # it did not answer our OPTIONS
NEVER_SEEN = "never_seen"  # nothing registered since the box started
EXPIRED = "expired"  # it did not register again in time
UNREGISTERED = "unregistered"  # it said good-bye
REPLACED = "replaced"  # another phone took its place
REMOVED = "removed"  # a person took the extension away
CONNECTION_LOST = "connection_lost"  # its stream is gone and it cannot be called back

#: Final statuses to an OPTIONS that say "nobody is there"; any other shows that somebody is.
_DEAD_STATUSES = frozenset({408, 503, 504})


def why_refused(status: int) -> str:
    """Why a phone that answered OPTIONS with ``status`` cannot be called; empty = it can.

    A phone that knows no OPTIONS (405, 501) or is busy (486) is alive all the same (RFC 3261 §11).
    """
    return f"refused_{status}" if status in _DEAD_STATUSES else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A registered contact.

    key: stable over refreshes and restarts; hop: from where it registered, or where it listens;
    expires_at: epoch seconds; instance and reg_id: RFC 5626, empty if it gave none; path: RFC 3327,
    topmost first; why: empty when reachable, else a stable key.
    """

    key: str
    address_of_record: str
    contact_uri: str
    hop: Hop
    expires_at: float
    call_id: str
    cseq: int
    q: float = 1.0
    user_agent: str = ""
    instance: str = ""
    reg_id: str = ""
    path: tuple[str, ...] = ()
    is_behind_nat: bool = False
    round_trip_ms: float | None = None
    is_reachable: bool = True
    why: str = ""


class ChangeKind(Enum):
    ADDED = "added"
    REFRESHED = "refreshed"
    QUALIFIED = "qualified"  # reachability or round trip changed
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a binding; why says how it was removed or why it cannot be reached."""

    kind: ChangeKind
    binding: Binding
    why: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a REGISTER: headers in order; reason empty = the status's own phrase."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
    reason: str = ""
