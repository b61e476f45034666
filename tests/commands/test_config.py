"""``dozvon config``: what it prints, what it saves, what it tells a daemon, how it exits."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from appliance import durable
from appliance.commands import config
from appliance.config import revisions
from appliance.config.store import ConfigStore
from appliance.config.yaml_file import format_yaml
from appliance.errors import UserError
from tests.config.offices import SECRET, office, with_first, with_site


class Box:
    """A data folder, a daemon that may run, and the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.reloads: list[Any] = []
        self.daemon_error: UserError | None = UserError("control.not_running")

    def call(self, path: Path, op: str, args: Mapping[str, Any], timeout_s: float) -> Any:
        assert path == self.data / "control.sock" and op == "reload" and timeout_s > 0
        if self.daemon_error is not None:
            raise self.daemon_error
        self.reloads.append(args["revision"])
        return {"applied": args["revision"]}

    def run(self, *words: str, language: str = "en") -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        config.add_parser(parser.add_subparsers())
        common = argparse.Namespace(data=self.data, json=False, language=language)
        if words[-1] == "--json":
            common.json, words = True, words[:-1]
        args = parser.parse_args(["config", *words], common)
        out = io.StringIO()
        return args.run(args, out), out.getvalue()

    def file(self, document: Any, *, with_secrets: bool = True) -> str:
        path = self.folder / "office.yaml"
        path.write_text(format_yaml(document, with_secrets=with_secrets), encoding="utf-8")
        return str(path)


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    box = Box(tmp_path)
    monkeypatch.setattr(config, "call", box.call)
    yield box


def test_apply_saves_and_says_that_no_daemon_runs(box: Box) -> None:
    code, text = box.run("apply", box.file(office()), "--note", "first")
    assert code == 0
    assert "Extension 2001: added" in text and "Saved as revision 1." in text
    assert "not running" in text and SECRET not in text
    with closing(ConfigStore(box.data / "config.db")) as store:
        assert store.load() == (1, office()) and store.history()[0].note == "first"


def test_apply_tells_a_running_daemon(box: Box) -> None:
    box.daemon_error = None
    code, text = box.run("apply", box.file(office()), language="ru")
    assert code == 0 and box.reloads == [1] and "Станция работает по версии 1" in text


@pytest.mark.parametrize("key", ["control.timeout", "control.no_permission", "reload.refused"])
def test_apply_tells_when_the_daemon_did_not_take_it(box: Box, key: str) -> None:
    box.daemon_error = UserError(key)
    code, text = box.run("apply", box.file(office()))
    assert code == 3 and "did not take revision 1" in text
    code, text = box.run("revert", "1", "--json")
    assert code == 3 and json.loads(text)["applied"] is False


def test_a_dry_run_saves_nothing_and_makes_nothing(box: Box) -> None:
    code, text = box.run("apply", box.file(office()), "--dry-run")
    assert code == 0 and "Changes:" in text and not box.data.exists()


def test_unchanged_settings_are_not_saved_again(box: Box) -> None:
    box.run("apply", box.file(office()))
    code, text = box.run("apply", box.file(office()))
    assert code == 0 and "revision 1 stays" in text


def test_a_refused_file_changes_nothing_and_names_every_error(box: Box) -> None:
    name = box.file(with_first("extensions", number="112", secret="1"))
    for action in ("apply", "check"):
        code, text = box.run(action, name)
        assert code == 1
        assert "emergency number 112" in text and "shorter than 8" in text and "line" in text
    assert not box.data.exists()
    code, text = box.run("check", name, "--json")
    found = json.loads(text)
    assert code == 1 and found["ok"] is False and len(found["problems"]) >= 3
    assert {"key", "path", "params", "text"} == set(found["problems"][0])


def test_check_finds_a_sound_file_in_order(box: Box) -> None:
    code, text = box.run("check", box.file(with_first("trunks", preset="nobody")))
    assert code == 0 and "Warning" in text and "in order" in text


def test_a_file_that_is_not_there(box: Box) -> None:
    code, text = box.run("apply", str(box.folder / "none.yaml"))
    assert code == 1 and "none.yaml" in text


def test_export_masks_secrets_unless_asked_for(box: Box) -> None:
    box.run("apply", box.file(office()))
    code, text = box.run("export")
    assert code == 0 and SECRET not in text and text == format_yaml(office())
    assert SECRET in box.run("export", "--secrets")[1]
    target = box.folder / "out.yaml"
    code, text = box.run("export", str(target))
    assert code == 0 and target.stat().st_mode & 0o077 == 0 and "masked" in text
    code, text = box.run("apply", str(target))
    assert code == 0 and "stays" in text
    assert box.run("export", str(box.folder / "no" / "where"))[0] == 1


def test_show_history_diff_and_revert(box: Box) -> None:
    assert "factory settings" in box.run("show")[1]
    assert box.run("history")[1] == "The history is empty.\n"
    box.run("apply", box.file(office()))
    box.run("apply", box.file(with_site(ring_time_s=30)), "--note", "shorter")
    code, text = box.run("history")
    assert code == 0 and "shorter" in text and "Office, Ring time: 60 → 30" in text
    assert len(json.loads(box.run("history", "--limit", "1", "--json")[1])["history"]) == 1
    assert "Office, Ring time: 60 → 30" in box.run("diff", "1")[1]
    assert "Office, Ring time: 30 → 60" in box.run("diff", "2", "1")[1]
    code, text = box.run("revert", "1")
    assert code == 0 and "Saved as revision 3." in text
    code, text = box.run("show", "--json")
    shown = json.loads(text)
    assert shown["revision"] == 3 and shown["document"]["site"]["ring_time_s"] == 60
    assert SECRET not in text and "revision 3" in box.run("show")[1]


@pytest.mark.parametrize("words", [("revert", "9"), ("diff", "9"), ("diff", "1", "9")])
def test_an_unknown_revision_is_wrong_usage(box: Box, words: tuple[str, ...]) -> None:
    assert box.run(*words)[0] == 2
    box.run("apply", box.file(office()))
    code, text = box.run(*words, "--json")
    assert code == 2 and json.loads(text)["error"]["key"] == "config.unknown_revision"


def test_wrong_usage_exits_with_2(box: Box, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["nothing"], ["revert", "x"], ["apply"]):
        with pytest.raises(SystemExit) as caught:
            box.run(*words)
        assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_standard_input_is_read(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(format_yaml(office(), with_secrets=True).encode())

    monkeypatch.setattr("sys.stdin", Stdin)
    assert box.run("apply", "-")[0] == 0


def test_a_damaged_database_is_put_aside_by_apply(box: Box) -> None:
    box.data.mkdir()
    (box.data / "config.db").write_bytes(b"rubbish" * 1000)
    assert "factory settings" in box.run("show")[1]
    code, text = box.run("apply", box.file(office()))
    assert code == 0 and "put aside" in text and "Saved as revision 2." in text
    assert list(box.data.glob("config.db.damaged-*"))


def test_somebody_saved_in_between(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.run("apply", box.file(office()))
    monkeypatch.setattr(config, "_stored", lambda args: (0, office()))
    code, text = box.run("apply", box.file(with_site(ring_time_s=30)))
    assert code == 1 and "Revision 1 was saved while you edited 0" in text


def test_a_database_of_a_newer_version(box: Box) -> None:
    box.run("apply", box.file(office()))
    store = ConfigStore(box.data / "config.db")
    store._connected().execute("PRAGMA user_version = 99")
    store._connected().execute(f"PRAGMA application_id = {revisions._APPLICATION + 99}")
    store.close()
    code, text = box.run("show", "--json")
    assert code == 1 and json.loads(text)["error"]["key"] == "config.database_damaged"


def test_the_language_is_the_office_s_where_none_was_asked_for(box: Box) -> None:
    box.run("apply", box.file(with_site(language="ru")))
    assert "Изменений" in box.run("diff", "1", "1", language="")[1]


@pytest.mark.parametrize(
    "words", [("diff", "9" * 20), ("revert", "9" * 20), ("history", "--limit", "9" * 20)]
)
def test_a_number_that_no_database_takes_is_wrong_usage(box: Box, words: tuple[str, ...]) -> None:
    box.run("apply", box.file(office()))
    with pytest.raises(SystemExit) as exit_:
        box.run(*words)
    assert exit_.value.code == 2


def test_a_database_that_is_kept_from_us_is_not_called_damaged(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing has to be repaired: whoever may open it, or makes room, has his settings."""

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    box.run("apply", box.file(office()))
    monkeypatch.setattr(durable, "make_private", refuse)
    (box.data / "config.last-good").unlink()
    code, out = box.run("show")
    assert code == 1 and "Permission denied" in out and "damaged" not in out
