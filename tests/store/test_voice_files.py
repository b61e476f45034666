"""Voice messages as files: what other programs read, and what is left of damaged ones."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from appliance.call.record import VoiceMessage
from appliance.store.voice_files import (
    decode_voice,
    draft_path,
    files_in,
    finish,
    header_of,
    mailboxes,
    path_of,
    read_voice,
)

MESSAGE = VoiceMessage("20261128T024107-9f3a2c10", "2002", "+7495", "Анна", 1.7e9, 0.0)
SOUND = bytes(range(256)) * 40


def draft(folder: Path, sound: bytes, message: VoiceMessage = MESSAGE) -> Path:
    """A message as a power cut leaves it."""
    path = draft_path(path_of(folder, message.extension, message.ident))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header_of(message) + sound)
    return path


@pytest.mark.parametrize("sound", [SOUND, SOUND[:-1], b""])
def test_a_file_says_what_it_holds(sound: bytes) -> None:
    voice = decode_voice(header_of(MESSAGE, len(sound)) + sound + b"\0" * (len(sound) % 2))
    assert voice.sound == sound
    assert (voice.caller, voice.caller_name, voice.at) == ("+7495", "Анна", 1.7e9)


def test_its_chunks_are_those_of_wav() -> None:
    """Read apart from the product: RIFF sizes add up, format 6, mono, 8000, 8 bits, a fact."""
    content = header_of(MESSAGE, 100) + b"\x55" * 100
    assert struct.unpack_from("<4sI4s", content) == (b"RIFF", len(content) - 8, b"WAVE")
    place, chunks = 12, {}
    while place < len(content):
        name, length = struct.unpack_from("<4sI", content, place)
        chunks[name] = content[place + 8 : place + 8 + length]
        place += 8 + length + length % 2
    assert place == len(content) and list(chunks) == [b"fmt ", b"fact", b"LIST", b"data"]
    assert struct.unpack("<HHIIHHH", chunks[b"fmt "]) == (6, 1, 8000, 8000, 1, 8, 0)
    assert chunks[b"fact"] == struct.pack("<I", 100) and len(chunks[b"data"]) == 100


def test_a_draft_gets_its_length_and_its_name(tmp_path: Path) -> None:
    path = draft(tmp_path, SOUND[:8001])
    assert finish(path, MESSAGE) == pytest.approx(1.0, abs=0.001)
    assert not path.exists()
    whole = path_of(tmp_path, "2002", MESSAGE.ident)
    assert read_voice(whole).sound == SOUND[:8001]
    content = whole.read_bytes()
    assert len(content) % 2 == 0
    assert struct.unpack_from("<I", content, 4) == (len(content) - 8,)
    assert list(mailboxes(tmp_path)) == ["2002"]
    assert files_in(tmp_path, "2002") == ([MESSAGE.ident], [])


def test_a_file_that_breaks_off_gives_what_it_has() -> None:
    whole = header_of(MESSAGE, len(SOUND)) + SOUND
    for end in range(len(whole) - len(SOUND), len(whole), 997):
        assert decode_voice(whole[:end]).sound == SOUND[: end - len(whole)]


@pytest.mark.parametrize(
    "content",
    [b"", b"RIFF", b"\0" * 5000, b"RIFF\0\0\0\0WAVE", header_of(MESSAGE)[:-9], b"ID3" * 1000],
)
def test_what_is_no_message_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"no WAV|no sound"):
        decode_voice(content)


def test_other_formats_are_refused() -> None:
    content = bytearray(header_of(MESSAGE, 4) + b"\0" * 4)
    content[20] = 1  # PCM
    with pytest.raises(ValueError, match="format 1"):
        decode_voice(bytes(content))


def test_any_octets_give_a_voice_or_a_value_error() -> None:
    whole = bytearray(header_of(MESSAGE, 64) + b"\x55" * 64)
    for place in range(len(whole)):
        for octet in (0, 0x7F, 0xFF):
            damaged = whole[:]
            damaged[place] = octet
            try:
                decode_voice(bytes(damaged))
            except ValueError:
                continue


def test_a_note_that_rotted_is_no_reason_to_lose_the_sound() -> None:
    content = (header_of(MESSAGE, len(SOUND)) + SOUND).replace(b'"caller"', b'"cbller"')
    voice = decode_voice(content)
    assert (voice.sound, voice.caller, voice.at) == (SOUND, "", 0.0)


@pytest.mark.parametrize(
    ("extension", "ident"),
    [
        ("..", MESSAGE.ident),
        ("", MESSAGE.ident),
        ("2002", "../../config"),
        ("2002", ""),
        ("2002/..", MESSAGE.ident),
        ("2002", MESSAGE.ident + "\n"),
    ],
)
def test_no_name_leads_out_of_the_folder(extension: str, ident: str) -> None:
    with pytest.raises(ValueError, match="no message"):
        path_of(Path("voicemail"), extension, ident)


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    draft(tmp_path, SOUND)
    for name in ("notes.txt", "x.wav", ".hidden.part", "wav"):
        (tmp_path / "2002" / name).touch()
    (tmp_path / "lost+found").mkdir()
    (tmp_path / "2003").touch()
    assert list(mailboxes(tmp_path)) == ["2002"]
    assert files_in(tmp_path, "2002") == ([], [MESSAGE.ident])
    assert list(mailboxes(tmp_path / "nowhere")) == []
