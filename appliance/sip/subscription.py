"""A subscription as its notifier sees it: what a SUBSCRIBE asks for, and when a NOTIFY may go.

PURE. RFC 6665 §4.2. One NOTIFY of a subscription is under way at a time: what changes meanwhile is
told afterwards, once, so that nothing overtakes and a slow phone is not pressed. The bodies are
dialog_info.py, presence_info.py and message_summary.py; who keeps subscriptions and sends is
legs/notifier.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, NamedTuple
from urllib.parse import unquote

from appliance.errors import LocalProtocolError, RemoteProtocolError
from appliance.sip.contact import read_expires
from appliance.sip.dialog import Dialog, contact_uri, dialog_of_invite
from appliance.sip.events import Hop
from appliance.sip.grammar import parse_params
from appliance.sip.message import Request
from appliance.sip.uri import parse_uri

#: What is kept of a SUBSCRIBE has an end, in letters, so that memory is bounded: longer ones are
#: refused. A dialog's fields come back in each NOTIFY.
_LONGEST_DIALOG = 2048
_LONGEST_NAME = 256
_LONGEST_ACCEPT = 1024
#: Answers to a NOTIFY that say that nobody subscribes there any more (RFC 6665 §4.2.2, RFC 5057
#: §5.1); others are the trouble of one NOTIFY.
GONE = frozenset({404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 502, 604})


class State(Enum):
    ACTIVE = auto()  # the subscriber knows all
    TELLING = auto()  # a NOTIFY is under way
    STALE = auto()  # and there is news since it left
    LEAVING = auto()  # and the last one waits for its answer
    OVER = auto()


class Input(Enum):
    ASKED = auto()  # a SUBSCRIBE was accepted, the first or a refresh
    CHANGED = auto()  # what is watched is otherwise than the subscriber was told
    ENDED = auto()  # expired, unsubscribed, or taken away by us
    TAKEN = auto()  # the NOTIFY was answered
    LOST = auto()  # nobody took it


class Act(Enum):
    NOTHING = auto()
    NOTIFY = auto()
    NOTIFY_LAST = auto()  # Subscription-State: terminated


class Row(NamedTuple):
    state: State
    act: Act = Act.NOTHING


@dataclass(frozen=True, slots=True)
class Asked:
    """What a SUBSCRIBE asks for.

    package: the event in lower case; event: what NOTIFY repeats of it; expires_s None = not said;
    accepts: media types in lower case, empty = the package's own; resource: the user part, without
    escapes; entity: the URI that was subscribed to.
    """

    package: str
    event: str
    expires_s: int | None
    accepts: tuple[str, ...]
    resource: str
    entity: str


@dataclass(slots=True, eq=False)
class Subscription:
    """One subscriber's wish to be told of one resource.

    watcher: the extension that proved itself; expires_at: monotonic seconds; told: what the last
    NOTIFY said; version: of the next NOTIFY (RFC 4235 §4.1); reason: why it is over.
    """

    dialog: Dialog
    asked: Asked
    watcher: str
    expires_at: float
    state: State = State.ACTIVE
    told: Any = None
    version: int = 0
    reason: str = ""

    def handle(self, what: Input) -> Act:
        """The one place where the state changes; what is to be sent now."""
        row = TABLE.get((self.state, what))
        if row is None:
            raise LocalProtocolError(f"subscription: {what.name} in {self.state.name}")
        self.state = row.state
        return row.act

    def header(self, now: float) -> str:
        """Subscription-State (RFC 6665 §8.2.3)."""
        if self.reason:
            return f"terminated;reason={self.reason}"
        return f"active;expires={max(0, round(self.expires_at - now))}"

    def is_same_key(self, other: Asked, target: str) -> bool:
        """Whether this is what the same key of the same phone asked for before it forgot."""
        mine = self.asked
        is_same = (mine.package, mine.event, mine.resource) == (
            other.package,
            other.event,
            other.resource,
        )
        return is_same and self.dialog.remote_target == target


def read_subscribe(request: Request) -> Asked:
    """What is asked for; raises RemoteProtocolError when it cannot be read."""
    header = request.headers.get("Event") or ""
    name, _, params = header.partition(";")
    name = name.strip()  # an Event that is missing is one that nobody knows
    ident = parse_params(params).get("id")
    expires = request.headers.get("Expires")
    # Some phones name the box alone in the Request-URI, and the number in To.
    entity = request.uri if parse_uri(request.uri).user else request.to.uri
    uri = parse_uri(entity)
    event = f"{name};id={ident}" if ident else name
    accepts = tuple(_media_type(value) for value in request.headers.values("Accept"))
    is_short = max(len(event), len(entity)) <= _LONGEST_NAME
    if not is_short or len(",".join(accepts)) > _LONGEST_ACCEPT:
        raise RemoteProtocolError("a subscription of too many letters", status=413)
    return Asked(
        package=name.lower(),
        event=event,
        expires_s=None if expires is None else read_expires(expires),
        accepts=accepts,
        resource=unquote(uri.user),
        entity=entity.partition(";")[0].partition("?")[0],
    )


def dialog_of_subscribe(request: Request, source: Hop, local_tag: str) -> Dialog:
    """The notifier's dialog; raises RemoteProtocolError when none can be made."""
    dialog = dialog_of_invite(request, source, local_tag)
    keep_to_source(dialog, source)
    _check_length(dialog)
    return dialog


def refresh_dialog(dialog: Dialog, request: Request, source: Hop) -> None:
    """Follow a refresh, which has proved itself, to wherever its phone is now (RFC 3261 §12.2)."""
    via = request.via
    dialog.keeps_hop = via.host != source.host and "maddr" not in via.params
    dialog.hop = source
    target = contact_uri(request)
    if target and len(target) <= _LONGEST_DIALOG:
        dialog.remote_target = target
    dialog.find_hop()
    keep_to_source(dialog, source)


def keep_to_source(dialog: Dialog, source: Hop) -> None:
    """NOTIFYs go to the host that proved itself, whatever host a Contact names: who subscribes for
    somebody else would have us send to him."""
    if dialog.hop.host != source.host:
        dialog.hop, dialog.keeps_hop = source, True


def _check_length(dialog: Dialog) -> None:
    texts = (dialog.call_id, dialog.local, dialog.remote, dialog.remote_target, *dialog.route_set)
    if sum(map(len, texts)) > _LONGEST_DIALOG:
        raise RemoteProtocolError("a dialog of too many letters", status=413)


def _media_type(value: str) -> str:
    return value.partition(";")[0].strip().lower()


_S, _I, _A = State, Input, Act
TABLE: dict[tuple[State, Input], Row] = {
    (_S.ACTIVE, _I.ASKED): Row(_S.TELLING, _A.NOTIFY),  # §4.2.1.2: at once
    (_S.ACTIVE, _I.CHANGED): Row(_S.TELLING, _A.NOTIFY),
    (_S.ACTIVE, _I.ENDED): Row(_S.OVER, _A.NOTIFY_LAST),  # §4.2.1.4, §4.2.3
    (_S.ACTIVE, _I.TAKEN): Row(_S.ACTIVE),
    (_S.ACTIVE, _I.LOST): Row(_S.OVER),
    (_S.TELLING, _I.ASKED): Row(_S.STALE),
    (_S.TELLING, _I.CHANGED): Row(_S.STALE),
    (_S.TELLING, _I.ENDED): Row(_S.LEAVING),
    (_S.TELLING, _I.TAKEN): Row(_S.ACTIVE),
    (_S.TELLING, _I.LOST): Row(_S.OVER),  # §4.2.2
    (_S.STALE, _I.ASKED): Row(_S.STALE),
    (_S.STALE, _I.CHANGED): Row(_S.STALE),
    (_S.STALE, _I.ENDED): Row(_S.LEAVING),
    (_S.STALE, _I.TAKEN): Row(_S.TELLING, _A.NOTIFY),
    (_S.STALE, _I.LOST): Row(_S.OVER),
    (_S.LEAVING, _I.ASKED): Row(_S.LEAVING),
    (_S.LEAVING, _I.CHANGED): Row(_S.LEAVING),
    (_S.LEAVING, _I.ENDED): Row(_S.LEAVING),
    (_S.LEAVING, _I.TAKEN): Row(_S.OVER, _A.NOTIFY_LAST),
    (_S.LEAVING, _I.LOST): Row(_S.OVER),
    (_S.OVER, _I.ASKED): Row(_S.OVER),
    (_S.OVER, _I.CHANGED): Row(_S.OVER),
    (_S.OVER, _I.ENDED): Row(_S.OVER),
    (_S.OVER, _I.TAKEN): Row(_S.OVER),
    (_S.OVER, _I.LOST): Row(_S.OVER),
}
