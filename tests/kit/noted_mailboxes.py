"""Mailboxes in memory, for whole calls in virtual time: no disk, no thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from appliance.apps.voicemail import SHORTEST_S
from appliance.call.leg import Party
from appliance.call.record import VoiceMessage
from appliance.sip.message_summary import MessageCounts


@dataclass
class NotedRecording:
    """What is spoken; ``close`` lists it."""

    message: VoiceMessage
    take: Callable[[NotedRecording], None]
    sound: bytes = b""
    trouble: str = ""
    is_closed: bool = False

    @property
    def seconds(self) -> float:
        return len(self.sound) / 8000

    def write(self, sound: bytes) -> None:
        assert not self.is_closed
        self.sound += sound

    def close(self) -> None:
        assert not self.is_closed
        self.is_closed = True
        self.take(self)


class NotedMailboxes:
    """apps.voicemail.Mailboxes. owners: who has a mailbox, and its PIN; closed: why none takes."""

    def __init__(self, **owners: str) -> None:
        self.owners = {name.removeprefix("e"): pin for name, pin in owners.items()}
        self.kept: list[VoiceMessage] = []
        self.sounds: dict[str, bytes] = {}
        self.recordings: list[NotedRecording] = []
        self.closed = ""
        self.breaks_after = 0  # octets; 0 = the disk takes all
        self.on_changed: Callable[[str], None] = lambda extension: None

    def counts(self, extension: str) -> MessageCounts | None:
        if extension not in self.owners:
            return None
        heard = [m.is_heard for m in self.kept if m.extension == extension]
        return MessageCounts(heard.count(False), heard.count(True))

    async def why_closed(self, extension: str) -> str:
        return self.closed

    def record(self, extension: str, caller: Party) -> NotedRecording:
        ident = f"m{len(self.recordings)}"
        message = VoiceMessage(ident, extension, caller.number, caller.name, 1.0, 0.0)
        recording = NotedRecording(message, self._take)
        if self.breaks_after:
            recording.trouble = "voicemail_no_room"
        self.recordings.append(recording)
        return recording

    def _take(self, recording: NotedRecording) -> None:
        if recording.seconds >= SHORTEST_S:
            self.leave(replace(recording.message, seconds=recording.seconds), recording.sound)

    def leave(self, message: VoiceMessage, sound: bytes) -> None:
        """A message is in its mailbox."""
        self.kept.append(message)
        self.sounds[message.ident] = sound
        self.on_changed(message.extension)

    def messages(self, extension: str) -> list[VoiceMessage]:
        mine = [m for m in self.kept if m.extension == extension]
        return sorted(mine, key=lambda message: (message.is_heard, message.at))

    def asks_pin(self, extension: str) -> bool:
        return bool(self.owners.get(extension))

    def admits(self, extension: str, pin: str) -> bool:
        return self.owners.get(extension) == pin

    async def sound(self, message: VoiceMessage) -> bytes:
        return self.sounds.get(message.ident, b"")

    async def mark(self, message: VoiceMessage, *, is_heard: bool) -> None:
        self.kept = [
            replace(m, is_heard=is_heard) if m.ident == message.ident else m for m in self.kept
        ]
        self.on_changed(message.extension)

    async def delete(self, message: VoiceMessage) -> bool:
        self.drop(message)
        return True

    def drop(self, message: VoiceMessage) -> None:
        """It is deleted, by a page for example."""
        self.kept = [m for m in self.kept if m.ident != message.ident]
        del self.sounds[message.ident]
        self.on_changed(message.extension)
