"""What the start makes of files and rows that do not fit: nothing is lost, nothing is invented."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from appliance.store import voice_files
from appliance.store.voice_files import files_in, finish, header_of, path_of, read_voice
from appliance.store.voice_mending import look_at
from tests.store.test_voice_files import MESSAGE, SOUND, draft

ROW = replace(MESSAGE, seconds=len(SOUND) / 8000)


def test_nothing_at_all(tmp_path: Path) -> None:
    found = look_at(tmp_path / "voicemail", [], 1.0)
    assert (found.messages, found.without_row, found.without_file, found.unreadable) == (
        [],
        [],
        [],
        [],
    )


def test_rows_and_files_that_fit_are_listed(tmp_path: Path) -> None:
    finish(draft(tmp_path, SOUND), MESSAGE)
    heard = replace(ROW, is_heard=True)
    found = look_at(tmp_path, [heard], 1.0)
    assert found.messages == [heard]
    assert not found.without_row and not found.without_file and not found.unreadable


def test_what_a_power_cut_left_is_finished(tmp_path: Path) -> None:
    draft(tmp_path, SOUND)
    found = look_at(tmp_path, [], 1.0)
    assert found.messages == found.without_row == [ROW]
    assert read_voice(path_of(tmp_path, "2002", MESSAGE.ident)).sound == SOUND
    assert files_in(tmp_path, "2002") == ([MESSAGE.ident], [])
    assert look_at(tmp_path, [ROW], 1.0).messages == [ROW]


@pytest.mark.parametrize("octets", [0, 7999])
def test_what_was_too_short_goes(tmp_path: Path, octets: int) -> None:
    draft(tmp_path, SOUND[:octets])
    assert look_at(tmp_path, [], 1.0).messages == []
    assert files_in(tmp_path, "2002") == ([], [])


@pytest.mark.parametrize("octets", range(0, len(header_of(MESSAGE)), 7))
def test_a_draft_whose_header_was_not_written_goes(tmp_path: Path, octets: int) -> None:
    path = draft(tmp_path, b"")
    path.write_bytes(path.read_bytes()[:octets])
    found = look_at(tmp_path, [], 1.0)
    assert not found.messages and not found.unreadable and not path.exists()


def test_a_draft_that_rotted_is_told_and_left(tmp_path: Path) -> None:
    path = draft(tmp_path, SOUND)
    path.write_bytes(b"\0" * 20_000)
    found = look_at(tmp_path, [], 1.0)
    assert found.unreadable == [f"2002/{path.name}"] and path.exists()


def test_a_file_without_a_row_is_listed_again(tmp_path: Path) -> None:
    finish(draft(tmp_path, SOUND), MESSAGE)
    found = look_at(tmp_path, [], 1.0)
    assert found.messages == found.without_row == [ROW]


def test_a_file_that_does_not_know_its_time_has_its_name(tmp_path: Path) -> None:
    path = finish(draft(tmp_path, SOUND), MESSAGE) and path_of(tmp_path, "2002", MESSAGE.ident)
    path.write_bytes(path.read_bytes().replace(b'"at"', b'"ta"'))
    (message,) = look_at(tmp_path, [], 1.0).messages
    assert message.at == 1795833667.0  # 2026-11-28 02:41:07 UTC


def test_a_broken_file_without_a_row_is_told_and_left(tmp_path: Path) -> None:
    finish(draft(tmp_path, SOUND), MESSAGE)
    path = path_of(tmp_path, "2002", MESSAGE.ident)
    path.write_bytes(b"\0" * 100)
    found = look_at(tmp_path, [], 1.0)
    assert (found.messages, found.unreadable) == ([], [f"2002/{path.name}"])
    assert path.exists()


def test_a_row_without_a_file_goes(tmp_path: Path) -> None:
    (tmp_path / "2002").mkdir()
    other = replace(ROW, ident="20261128T050000-00000004", extension="2009")
    found = look_at(tmp_path, [ROW, other], 1.0)
    assert found.messages == [] and found.without_file == [ROW.ident, other.ident]


@pytest.mark.parametrize("refused", ["", "2002"])
def test_folders_that_cannot_be_read_prove_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    (tmp_path / "2002").mkdir()
    listdir = voice_files.os.listdir

    def refuse(path: Path) -> list[str]:
        if Path(path) == tmp_path / refused:
            raise PermissionError(str(path))
        return listdir(path)

    monkeypatch.setattr(voice_files.os, "listdir", refuse)
    found = look_at(tmp_path, [ROW], 1.0)
    assert found.messages == [ROW] and not found.without_file
    assert len(found.unreadable) == 1
