"""The event packages that the box notifies of: dialog, presence, message-summary.

Owns nothing. A package says what there is to tell of a name (``look``: a value that is equal as
long as nothing new is to be told), and writes it for one subscriber (``write``). RFC 4235, RFC
3856, RFC 3842.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from appliance.call.leg import Party
from appliance.call.part import CallPart
from appliance.legs.phone import name_caller
from appliance.sip import dialog_info, message_summary, presence_info
from appliance.sip.dialog_info import DialogInfo, PartyInfo
from appliance.sip.message_summary import MessageCounts
from appliance.sip.replaces import DialogNames

_IDLE = "idle"


class Watched(Protocol):
    """What lamps show (appliance/live/lamps.py)."""

    def calls(self, name: str) -> tuple[CallPart, ...]: ...
    def is_reachable(self, name: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a document is written. entity: the URI that was subscribed to; version: counts the
    documents; host: ours, as it stands in URIs; told: what the document before said, or None."""

    watcher: str
    resource: str
    entity: str
    version: int
    host: str
    told: Any


class Package(Protocol):
    """One event package."""

    @property
    def content_type(self) -> str: ...
    def may_watch(self, watcher: str, name: str) -> bool: ...
    def look(self, name: str) -> object: ...
    def write(self, seen: object, reader: Reader) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Dialogs:
    """Lamps. The whole office may see who is busy, and who calls a number as long as it rings."""

    watched: Watched
    names: DialogNames

    @property
    def content_type(self) -> str:
        return dialog_info.CONTENT_TYPE

    def may_watch(self, watcher: str, name: str) -> bool:
        return True

    def look(self, name: str) -> object:
        return self.watched.calls(name)

    def write(self, seen: object, reader: Reader) -> bytes:
        assert isinstance(seen, tuple)
        local = PartyInfo(f"sip:{reader.resource}@{reader.host}")
        dialogs = [self._dialog(part, reader) for part in seen] or _ended(reader.told)
        return dialog_info.format_dialog_info(reader.entity, reader.version, local, dialogs)

    def _dialog(self, part: CallPart, reader: Reader) -> DialogInfo:
        state = "confirmed" if part.is_talking else "early"
        remote = _party(part.caller, reader.host) if part.caller is not None else None
        is_open = reader.watcher == reader.resource if part.is_talking else part.is_called
        name = self.names.name_of(part.ident, reader.resource) if is_open else None
        return DialogInfo(part.ident, part.is_called, state, remote, name)


@dataclass(frozen=True, slots=True)
class Presence:
    """The same for softphones without lamps; nothing is told of other parties."""

    watched: Watched

    @property
    def content_type(self) -> str:
        return presence_info.CONTENT_TYPE

    def may_watch(self, watcher: str, name: str) -> bool:
        return True

    def look(self, name: str) -> object:
        return (self.watched.is_reachable(name), bool(self.watched.calls(name)))

    def write(self, seen: object, reader: Reader) -> bytes:
        assert isinstance(seen, tuple)
        is_open, is_busy = seen
        return presence_info.format_presence(
            reader.entity, is_open=bool(is_open) or bool(is_busy), is_on_the_phone=bool(is_busy)
        )


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """Message waiting. A mailbox is its owner's alone; counts: None = the number has no mailbox."""

    counts: Callable[[str], MessageCounts | None]

    @property
    def content_type(self) -> str:
        return message_summary.CONTENT_TYPE

    def may_watch(self, watcher: str, name: str) -> bool:
        return watcher == name

    def look(self, name: str) -> object:
        return self.counts(name)

    def write(self, seen: object, reader: Reader) -> bytes:
        assert seen is None or isinstance(seen, MessageCounts)
        return message_summary.format_message_summary(f"sip:{reader.resource}@{reader.host}", seen)


def packages(
    watched: Watched, counts: Callable[[str], MessageCounts | None], names: DialogNames
) -> Mapping[str, Package]:
    """Every package by the name that Event says, in lower case."""
    return {
        "dialog": Dialogs(watched, names),
        "presence": Presence(watched),
        "message-summary": MessageSummary(counts),
    }


def _party(caller: Party, host: str) -> PartyInfo:
    names = name_caller(caller, host)
    return PartyInfo(names.uri, names.display)


def _ended(told: object) -> list[DialogInfo]:
    """An idle number: what it was said to have is over; there is always one (dialog_info.py)."""
    idents = [part.ident for part in told] if isinstance(told, tuple) else []
    return [DialogInfo(ident, True, "terminated") for ident in idents or [_IDLE]]
