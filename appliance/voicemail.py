"""Mailboxes of the box: what was left for whom, which of it is new, and whether more may come.

Owns the list of all messages in memory, by mailbox. Their sound is in files (store/voice_files.py),
written by the spool's thread; a row of state.db beside each says whether it was heard. At start the
two are held against each other: a file without a row is listed again, a row without a file goes,
and what a power cut left half written is finished. Nobody's message is ever deleted but by its
owner or on a page.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from hmac import compare_digest
from pathlib import Path
from typing import Any

from appliance import durable
from appliance.apps.voicemail import LONGEST_S, SHORTEST_S
from appliance.call.leg import Party
from appliance.call.record import VoiceMessage
from appliance.clock import Clock
from appliance.config.model import Extension, Snapshot
from appliance.errors import StoreError, UserError
from appliance.sip.ids import Ids
from appliance.sip.message_summary import MessageCounts
from appliance.store import voice_files
from appliance.store.voice_mending import Found, look_at
from appliance.store.voice_messages import VoiceMessageStore
from appliance.store.voice_spool import Draft, VoiceSpool
from appliance.unbroken import Unbroken

log = logging.getLogger(__name__)
MOST_MESSAGES = 100
#: Room on the disk that messages leave to everything else.
FLOOR_OCTETS = 64 << 20
MOST_WRONG_PINS, WITHIN_S = 9, 3600.0
_SETTLE_S = 5.0


def _nobody_hears(extension: str) -> None:
    """Until there are lamps."""


@dataclass(frozen=True, slots=True)
class VoicemailParts:
    """data: the folder of the box's data; alert: key, detail."""

    data: Path
    store: VoiceMessageStore
    clock: Clock
    ids: Ids
    snapshot: Callable[[], Snapshot]
    alert: Callable[[str, str], None]


class Voicemail:
    """apps.voicemail.Mailboxes, counts for lamps, and what pages ask for."""

    def __init__(self, parts: VoicemailParts) -> None:
        self._parts = parts
        self._folder = parts.data / voice_files.FOLDER
        self._spool = VoiceSpool(self._folder)
        self._messages: dict[str, dict[str, VoiceMessage]] = {}
        self._drafts: dict[str, int] = {}
        self._unbroken = Unbroken()
        self._wrong: dict[str, deque[float]] = {}
        self.on_changed: Callable[[str], None] = _nobody_hears
        self.operations = {
            "voicemail_mark": self._mark_asked,
            "voicemail_delete": self._delete_asked,
        }

    async def restore(self) -> None:
        """Take over what the disk has; what cannot be read is told and left alone."""
        try:
            rows = await self._parts.store.load()
        except StoreError as error:
            log.error("%s", error)
            rows = []
        found = await asyncio.to_thread(look_at, self._folder, rows, SHORTEST_S)
        for message in found.messages:
            self._put(message)
        for where in found.unreadable:
            self._parts.alert("voicemail.unreadable", where)
        self.configure(self._parts.snapshot())
        await self._mend(found)

    def configure(self, snapshot: Snapshot) -> None:
        """Messages of an extension that is no more stay, and are told."""
        known = snapshot.document.extension_by_number
        for extension, messages in self._messages.items():
            if messages and extension not in known:
                self._parts.alert("voicemail.ownerless", extension)

    async def _mend(self, found: Found) -> None:
        for message in found.without_row:
            await self._keep(message)
        for ident in found.without_file:
            await self._drop(ident)

    async def close(self) -> None:
        """The box stops: every message that was being spoken is kept first."""
        await self._unbroken.settle(_SETTLE_S)
        await asyncio.to_thread(self._spool.close)

    def counts(self, extension: str) -> MessageCounts | None:
        """Of a mailbox; None where there is none."""
        if self._owner(extension) is None:
            return None
        messages = self._messages.get(extension, {}).values()
        new = sum(not message.is_heard for message in messages)
        return MessageCounts(new, len(messages) - new)

    # ---- a message comes

    async def why_closed(self, extension: str) -> str:
        count = len(self._messages.get(extension, ())) + self._drafts.get(extension, 0)
        if count >= MOST_MESSAGES:
            log.warning("the mailbox of %s is full", extension)
            return "voicemail_full"
        if not await asyncio.to_thread(_has_room, self._folder):
            self._parts.alert("voicemail.disk_full", extension)
            return "voicemail_no_room"
        return ""

    def record(self, extension: str, caller: Party) -> Spoken:
        at = self._parts.clock.wall()
        ident = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(at))}-{self._parts.ids.token(32)}"
        number, name = ("", "") if caller.is_hidden else (caller.number, caller.name)
        number, name = voice_files.noted(number), voice_files.noted(name)
        message = VoiceMessage(ident, extension, number, name, at, 0.0)
        self._drafts[extension] = self._drafts.get(extension, 0) + 1
        return Spoken(self._spool.begin(message), self._on_spoken)

    def _on_spoken(self, draft: Draft) -> None:
        self._unbroken.begin(self._take(draft))

    async def _take(self, draft: Draft) -> None:
        """A caller has finished: his message is listed once the disk has it."""
        message = draft.message
        try:
            if draft.seconds < SHORTEST_S:
                await asyncio.wrap_future(draft.discard())
                return
            seconds = await asyncio.wrap_future(draft.finish())
            message = replace(message, seconds=seconds)
            self._put(message)
            await self._keep(message)
            log.info("extension %s has a new voice message of %.1f s", message.extension, seconds)
        except (OSError, ValueError) as error:
            log.error("a voice message for %s was not kept: %s", message.extension, error)
            self._parts.alert("voicemail.disk_fails", message.extension)
        finally:
            self._drafts[message.extension] -= 1
            if draft.trouble:
                key = "voicemail.disk_full" if draft.trouble == "full" else "voicemail.disk_fails"
                self._parts.alert(key, message.extension)
            self.on_changed(message.extension)

    # ---- its owner

    def messages(self, extension: str) -> list[VoiceMessage]:
        found = self._messages.get(extension, {}).values()
        return sorted(found, key=lambda message: (message.is_heard, message.at))

    def asks_pin(self, extension: str) -> bool:
        owner = self._owner(extension)
        return owner is not None and bool(owner.voicemail_pin)

    def admits(self, extension: str, pin: str) -> bool:
        """Whether this is its PIN; after too many wrong ones in an hour none is."""
        owner, now = self._owner(extension), self._parts.clock.now()
        wrong = self._wrong.setdefault(extension, deque(maxlen=MOST_WRONG_PINS))
        if owner is None or (len(wrong) == MOST_WRONG_PINS and wrong[0] > now - WITHIN_S):
            return False
        if compare_digest(owner.voicemail_pin.encode(), pin.encode()):
            wrong.clear()
            return True
        wrong.append(now)
        log.warning("a wrong PIN for the mailbox of %s", extension)
        return False

    async def sound(self, message: VoiceMessage) -> bytes:
        path = voice_files.path_of(self._folder, message.extension, message.ident)
        try:
            return (await asyncio.to_thread(voice_files.read_voice, path)).sound
        except (OSError, ValueError) as error:
            if message.ident not in self._messages.get(message.extension, {}):
                return b""  # it was deleted meanwhile
            log.error("voice message %s cannot be read: %s", path, error)
            self._parts.alert("voicemail.unreadable", f"{message.extension}/{message.ident}")
            return b""

    async def mark(self, message: VoiceMessage, *, is_heard: bool) -> None:
        known = self._messages.get(message.extension, {}).get(message.ident)
        if known is None or known.is_heard == is_heard:
            return
        changed = replace(known, is_heard=is_heard)
        self._put(changed)
        self.on_changed(message.extension)
        await self._keep(changed)

    async def delete(self, message: VoiceMessage) -> bool:
        """True when it is gone, also where its owner hung up as soon as he had said so."""
        return await self._unbroken.run(self._delete(message))

    async def _delete(self, message: VoiceMessage) -> bool:
        """The file first: a row alone is mended, and a message that was deleted stays so."""
        path = voice_files.path_of(self._folder, message.extension, message.ident)
        try:
            await asyncio.to_thread(_remove, path)
        except OSError as error:
            log.error("voice message %s was not deleted: %s", path, error)
            self._parts.alert("voicemail.disk_fails", message.extension)
            return False
        self._messages.get(message.extension, {}).pop(message.ident, None)
        self.on_changed(message.extension)
        await self._drop(message.ident)
        return True

    # ---- pages

    async def _mark_asked(self, args: Any) -> dict[str, Any]:
        is_heard = bool(args.get("is_heard", True))
        await self.mark(self._asked(args), is_heard=is_heard)
        return {"is_heard": is_heard}

    async def _delete_asked(self, args: Any) -> dict[str, Any]:
        message = self._asked(args)
        if not await self.delete(message):
            raise UserError("voicemail.not_deleted", message=message.ident)
        return {"deleted": message.ident}

    def _asked(self, args: Any) -> VoiceMessage:
        extension, ident = str(args.get("extension", "")), str(args.get("message", ""))
        found = self._messages.get(extension, {}).get(ident)
        if found is None:
            raise UserError("voicemail.no_message", message=ident[:40])
        return found

    # ---- help

    def _owner(self, extension: str) -> Extension | None:
        """Whose mailbox it is, as long as it is one."""
        found = self._parts.snapshot().document.extension_by_number.get(extension)
        return found if found is not None and found.voicemail else None

    def _put(self, message: VoiceMessage) -> None:
        self._messages.setdefault(message.extension, {})[message.ident] = message

    async def _keep(self, message: VoiceMessage) -> None:
        try:
            await self._parts.store.put(message)
        except (StoreError, ValueError) as error:  # its file says the same at the next start
            log.error("the row of voice message %s was not kept: %s", message.ident, error)

    async def _drop(self, ident: str) -> None:
        try:
            await self._parts.store.drop(ident)
        except StoreError as error:
            log.error("the row of voice message %s was not dropped: %s", ident, error)


class Spoken:
    """apps.voicemail.Recording over a draft."""

    def __init__(self, draft: Draft, on_end: Callable[[Draft], None]) -> None:
        self._draft = draft
        self._on_end = on_end

    @property
    def seconds(self) -> float:
        return self._draft.seconds

    @property
    def trouble(self) -> str:
        return "voicemail_no_room" if self._draft.trouble else ""

    def write(self, sound: bytes) -> None:
        left = round((LONGEST_S - self.seconds) * voice_files.OCTETS_PER_S)
        self._draft.write(sound[: max(0, left)])

    def close(self) -> None:
        self._on_end(self._draft)


def _has_room(folder: Path) -> bool:
    try:
        place = folder if folder.exists() else folder.parent
        return shutil.disk_usage(place).free >= FLOOR_OCTETS
    except OSError:
        return False


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    durable.sync_folder(path.parent)
