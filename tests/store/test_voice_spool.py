"""Messages written while they are spoken: whole, on the disk soon, and what a full disk leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.store.voice_files import draft_path, path_of, read_voice
from appliance.store.voice_spool import VoiceSpool
from tests.kit.small_disk import SmallDisk
from tests.store.test_voice_files import MESSAGE, SOUND


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[VoiceSpool]:
    spool = VoiceSpool(tmp_path / "voicemail")
    yield spool
    spool.close()


def place(spool: VoiceSpool) -> Path:
    return path_of(spool.folder, MESSAGE.extension, MESSAGE.ident)


def settle(spool: VoiceSpool) -> None:
    spool.do(lambda: None).result()


def test_what_was_said_is_a_message_when_it_is_over(spool: VoiceSpool) -> None:
    draft = spool.begin(MESSAGE)
    for start in range(0, len(SOUND), 1600):
        draft.write(SOUND[start : start + 1600])
    draft.write(b"")
    assert draft.seconds == len(SOUND) / 8000
    assert draft.finish().result() == draft.seconds
    assert read_voice(place(spool)).sound == SOUND
    assert place(spool).stat().st_mode & 0o777 == 0o600
    assert [p.name for p in place(spool).parent.iterdir()] == [place(spool).name]


def test_the_disk_has_it_before_it_is_over(spool: VoiceSpool) -> None:
    draft = spool.begin(MESSAGE)
    draft.write(SOUND)
    settle(spool)
    voice = read_voice(draft_path(place(spool)))
    assert (voice.sound, voice.caller) == (SOUND, MESSAGE.caller)
    draft.finish().result()


def test_what_is_discarded_leaves_nothing(spool: VoiceSpool) -> None:
    draft = spool.begin(MESSAGE)
    draft.write(SOUND)
    draft.discard().result()
    assert list(place(spool).parent.iterdir()) == []


def test_a_full_disk_keeps_what_it_had(tmp_path: Path) -> None:
    with SmallDisk(tmp_path / "disk", 64) as disk:
        spool = VoiceSpool(disk.folder / "voicemail")
        draft = spool.begin(MESSAGE)
        draft.write(SOUND)
        settle(spool)
        assert draft.trouble == ""
        disk.fill()
        draft.write(SOUND * 8)
        settle(spool)
        assert draft.trouble == "full"
        draft.write(SOUND)
        seconds = draft.finish().result()
        kept = read_voice(place(spool)).sound
        assert len(kept) == seconds * 8000 >= len(SOUND)
        assert (SOUND * 9).startswith(kept)
        spool.close()


def test_a_folder_that_cannot_be_made_is_trouble_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "voicemail").touch()
    spool = VoiceSpool(tmp_path / "voicemail")
    draft = spool.begin(MESSAGE)
    draft.write(SOUND)
    settle(spool)
    assert draft.trouble == "fails"
    with pytest.raises(OSError, match="never begun"):
        draft.finish().result()
    draft.discard().exception()
    spool.close()
