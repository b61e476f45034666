"""Voice messages as files: ``voicemail/EXTENSION/IDENT.wav``, G.711 A-law at 8 kHz (WAV tag 6).

PURE but for reading and finishing files. A file says itself who left it and when (a comment in its
INFO list), so that it can be listed again when state.db has lost it. While it is being recorded it
is ``.IDENT.part``, whose header does not know its length yet.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance import durable
from appliance.call.record import VoiceMessage
from appliance.store.record_codec import legible

OCTETS_PER_S = 8000
FOLDER = "voicemail"
_IDENT = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{8}")
_EXTENSION = re.compile(r"[0-9]{1,32}")
_LETTERS = 64
_ALAW = 6
_UNKNOWN = 0xFFFFFFFF  # the length of what is still being written


@dataclass(frozen=True, slots=True)
class Voice:
    """sound: A-law octets; caller, caller_name, at: as it was noted when it began."""

    sound: bytes
    caller: str = ""
    caller_name: str = ""
    at: float = 0.0


def noted(text: str) -> str:
    """A caller's number or name as it is kept: legible, and no longer than a display shows."""
    return legible(text)[:_LETTERS]


def path_of(folder: Path, extension: str, ident: str) -> Path:
    """Where a message lies; raises ValueError for what names none."""
    if not (_EXTENSION.fullmatch(extension) and _IDENT.fullmatch(ident)):
        raise ValueError(f"no message is called {extension[:40]}/{ident[:40]}")
    return folder / extension / f"{ident}.wav"


def draft_path(path: Path) -> Path:
    """What the file of a message is called as long as it is recorded."""
    return path.with_name(f".{path.stem}.part")


def header_of(message: VoiceMessage, octets: int | None = None) -> bytes:
    """What stands before the sound. octets: of the sound; None = not known yet."""
    said = {"caller": message.caller, "caller_name": message.caller_name, "at": message.at}
    note = json.dumps(said).encode() + b"\0"
    note += b"\0" * (len(note) % 2)
    known = _UNKNOWN if octets is None else octets
    chunks = _chunk(b"fmt ", struct.pack("<HHIIHHH", _ALAW, 1, 8000, 8000, 1, 8, 0))
    chunks += _chunk(b"fact", struct.pack("<I", known))
    chunks += _chunk(b"LIST", b"INFO" + _chunk(b"ICMT", note))
    chunks += b"data" + struct.pack("<I", known)
    whole = _UNKNOWN if octets is None else 4 + len(chunks) + octets + octets % 2
    return b"RIFF" + struct.pack("<I", whole) + b"WAVE" + chunks


def decode_voice(content: bytes) -> Voice:
    """The sound of a file and what it says of itself; one that breaks off gives what it has.

    Raises ValueError for one that is no WAV of A-law.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise ValueError("no WAV")
    tag, place = 0, 12
    caller, caller_name, at = "", "", 0.0
    while place + 8 <= len(content):
        name, (length,) = content[place : place + 4], struct.unpack_from("<I", content, place + 4)
        body = content[place + 8 : place + 8 + length]
        if name == b"data":
            if tag != _ALAW:
                raise ValueError(f"format {tag}, not A-law")
            return Voice(body, caller, caller_name, at)
        if name == b"fmt " and len(body) >= 2:
            (tag,) = struct.unpack_from("<H", body)
        elif name == b"LIST" and body[:8] == b"INFOICMT":
            caller, caller_name, at = _note(body[12:])
        place += 8 + length + length % 2
    raise ValueError("no sound in it")


def read_voice(path: Path) -> Voice:
    """Raises OSError, and ValueError as ``decode_voice``."""
    return decode_voice(path.read_bytes())


def finish(draft: Path, message: VoiceMessage) -> float:
    """Give a draft its length and its name, durably; its seconds. Raises OSError, ValueError."""
    with draft.open("r+b") as file:
        content = file.read()
        octets = len(decode_voice(content).sound)
        header = header_of(message, octets)
        if content[: len(header)][-8:-4] != b"data":
            raise ValueError("its header is not ours")
        file.seek(0)
        file.write(header)
        file.seek(len(header) + octets)
        file.write(b"\0" * (octets % 2))
    durable.take_place(draft, draft.with_name(f"{draft.stem.removeprefix('.')}.wav"))
    return octets / OCTETS_PER_S


def mailboxes(folder: Path) -> Iterator[str]:
    """Extensions that have a folder; raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        names = sorted(os.listdir(folder))
        yield from (n for n in names if _EXTENSION.fullmatch(n) and (folder / n).is_dir())


def files_in(folder: Path, extension: str) -> tuple[list[str], list[str]]:
    """(messages, drafts) of a mailbox, by their idents; raises OSError."""
    whole, drafts = [], []
    for name in sorted(os.listdir(folder / extension)):
        stem, _, suffix = name.rpartition(".")
        if suffix == "wav" and _IDENT.fullmatch(stem):
            whole.append(stem)
        elif suffix == "part" and _IDENT.fullmatch(stem.removeprefix(".")):
            drafts.append(stem.removeprefix("."))
    return whole, drafts


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body


def _note(text: bytes) -> tuple[str, str, float]:
    """Who called, by number and name, and when; a note that rotted says nothing."""
    try:
        said = json.loads(text.rstrip(b"\0"))
        return noted(str(said["caller"])), noted(str(said["caller_name"])), float(said["at"])
    except (ValueError, TypeError, KeyError):
        return "", "", 0.0
