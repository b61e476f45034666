"""What lies in the folders of mailboxes, held against the rows of state.db, at start.

Owns nothing; finishes drafts that a power cut left. A folder that cannot be read proves nothing:
its rows stay.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from appliance.call.record import VoiceMessage
from appliance.store.voice_files import (
    OCTETS_PER_S,
    Voice,
    draft_path,
    files_in,
    finish,
    mailboxes,
    path_of,
    read_voice,
)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Found:
    """messages: all that are to be listed; without_row: those of them that state.db does not know;
    without_file: idents of rows whose file is gone; unreadable: what could not be looked at."""

    messages: list[VoiceMessage] = field(default_factory=list)
    without_row: list[VoiceMessage] = field(default_factory=list)
    without_file: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


def look_at(folder: Path, rows: Iterable[VoiceMessage], shortest_s: float) -> Found:
    """Everything there is. Drafts of shortest_s or more become messages, shorter ones go."""
    found = Found()
    by_mailbox: dict[str, dict[str, VoiceMessage]] = {}
    for row in rows:
        by_mailbox.setdefault(row.extension, {})[row.ident] = row
    try:
        there = set(mailboxes(folder))
    except OSError as error:
        log.error("voice messages cannot be read: %s", error)
        found.unreadable.append(str(folder))
        found.messages += [row for box in by_mailbox.values() for row in box.values()]
        return found
    for extension in sorted(there | set(by_mailbox)):
        known = by_mailbox.get(extension, {})
        try:
            _look_in(folder, extension, known, shortest_s, found)
        except FileNotFoundError:
            found.without_file += known
        except OSError as error:
            log.error("the mailbox of %s cannot be read: %s", extension, error)
            found.unreadable.append(extension)
            found.messages += known.values()
    return found


def _look_in(
    folder: Path, extension: str, known: dict[str, VoiceMessage], shortest_s: float, found: Found
) -> None:
    idents, drafts = files_in(folder, extension)
    for ident in drafts:
        if _finish(folder, extension, ident, shortest_s, found) and ident not in idents:
            idents.append(ident)
    for ident in idents:
        row = known.get(ident)
        if row is not None:
            found.messages.append(row)
        elif (message := _read(folder, extension, ident, found)) is not None:
            log.warning("voice message %s of %s is listed again", ident, extension)
            found.messages.append(message)
            found.without_row.append(message)
    gone = set(known) - set(idents)
    for ident in sorted(gone):
        log.warning("the file of voice message %s of %s is gone", ident, extension)
    found.without_file += gone


def _finish(folder: Path, extension: str, ident: str, shortest_s: float, found: Found) -> bool:
    """Whether a draft has become a message."""
    draft = draft_path(path_of(folder, extension, ident))
    try:
        voice = read_voice(draft)
        if len(voice.sound) < shortest_s * OCTETS_PER_S:
            draft.unlink()
            return False
        finish(draft, _message(extension, ident, voice))
    except ValueError as error:
        if draft.stat().st_size < OCTETS_PER_S * shortest_s:
            draft.unlink()  # the power went before anything was said
            return False
        log.error("%s cannot be finished: %s", draft, error)
        found.unreadable.append(f"{extension}/{draft.name}")
        return False
    except OSError as error:
        log.error("%s cannot be finished: %s", draft, error)
        found.unreadable.append(f"{extension}/{draft.name}")
        return False
    log.warning("voice message %s of %s was cut off and is kept", ident, extension)
    return True


def _read(folder: Path, extension: str, ident: str, found: Found) -> VoiceMessage | None:
    path = path_of(folder, extension, ident)
    try:
        voice = read_voice(path)
    except (OSError, ValueError) as error:
        log.error("voice message %s cannot be read: %s", path, error)
        found.unreadable.append(f"{extension}/{path.name}")
        return None
    return _message(extension, ident, voice)


def _message(extension: str, ident: str, voice: Voice) -> VoiceMessage:
    seconds, at = len(voice.sound) / OCTETS_PER_S, voice.at or _moment_of(ident)
    return VoiceMessage(ident, extension, voice.caller, voice.caller_name, at, seconds)


def _moment_of(ident: str) -> float:
    """When a message began, by its name."""
    try:
        return datetime.strptime(ident[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0
