"""A mailbox as pages show it: its messages, read from disk beside the daemon.

Owns nothing. What a page changes is asked of the daemon, whose lamps have to follow.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from appliance.call.record import VoiceMessage
from appliance.errors import StoreError
from appliance.store.voice_files import FOLDER, decode_voice, path_of
from appliance.store.voice_messages import messages_of

log = logging.getLogger(__name__)
_HEAD_OCTETS = 4096


@dataclass(frozen=True, slots=True)
class Shown:
    """why_not: why it cannot be played (``gone damaged unreadable``), or empty."""

    message: VoiceMessage
    why_not: str


def mailbox_of(data: Path, extension: str) -> list[Shown]:
    """The newest first; raises StoreError."""
    messages = messages_of(data / "state.db", extension)
    return [Shown(message, _why_not(data, message)) for message in messages]


def count_of(data: Path, extension: str) -> tuple[int, int]:
    """(new, all) for a page on which they are not the matter: none where they cannot be read."""
    try:
        messages = messages_of(data / "state.db", extension)
    except StoreError as error:
        log.warning("the messages of %s cannot be counted: %s", extension, error)
        return 0, 0
    return sum(not message.is_heard for message in messages), len(messages)


def file_of(data: Path, extension: str, ident: str) -> Path:
    """Where its sound lies; raises ValueError for what names no message."""
    return path_of(data / FOLDER, extension, ident)


def _why_not(data: Path, message: VoiceMessage) -> str:
    try:
        with file_of(data, message.extension, message.ident).open("rb") as file:
            decode_voice(file.read(_HEAD_OCTETS))
    except FileNotFoundError:
        return "gone"
    except OSError:
        return "unreadable"
    except ValueError:
        return "damaged"
    return ""
