"""The stage's disk: what the exchange wanted kept, as plain lists and dicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from appliance.call.record import CallRecord
from appliance.sip.registrar import Change
from appliance.store.dialog_codec import Kept
from appliance.store.messages import Message


@dataclass
class NotedJournal:
    """What the journal was given."""

    rows: list[CallRecord] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    clock_steps: list[float] = field(default_factory=list)
    summaries: dict[str, dict[str, str]] = field(default_factory=dict)

    def begin(self, call_ref: str, started_at: float, summary: Any) -> None:
        self.begun.append(call_ref)
        self.summaries[call_ref] = dict(summary)

    def append(self, record: CallRecord) -> None:
        self.rows.append(record)

    def clock_was_set(self, by_s: float) -> None:
        self.clock_steps.append(by_s)


class NotedDialogs:
    """Dialogs that would be on the disk, by their keys."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.writes = 0

    def apply(self, kept: Sequence[Kept], gone: Sequence[str]) -> None:
        self.writes += 1
        for key in gone:
            self.kept.pop(key, None)
        self.kept |= {dialog.key: dialog for dialog in kept}


class NotedBindings:
    def __init__(self) -> None:
        self.changes: list[Change] = []

    def apply(self, changes: tuple[Change, ...]) -> None:
        self.changes += changes


class NotedMessages:
    """Short messages that would be on the disk."""

    def __init__(self) -> None:
        self.kept: list[Message] = []

    async def keep(self, message: Message) -> bool:
        self.kept.append(message)
        return True

    async def recent(self, limit: int) -> list[Message]:
        return self.kept[::-1][:limit]


class CountingIds:
    """Names in order."""

    def __init__(self) -> None:
        self._last = 0

    def token(self, bits: int) -> str:
        self._last += 1
        return f"{self._last:0{(bits + 3) // 4}x}"
