"""``dozvon doctor`` on a folder: with a daemon, without one, and without anything at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.config.presets import factory_document
from appliance.config.store import ConfigStore
from appliance.errors import UserError
from tests.commands.conftest import CommandLine
from tests.commands.stand_in import StandIn
from tests.kit.ports import free_port


def save_settings(folder: Path) -> None:
    store = ConfigStore(folder / "config.db")
    store.save(factory_document(), 0, "test", "")
    store.close()


def test_a_trunk_that_is_down_is_a_fault(dozvon: CommandLine, box: StandIn) -> None:
    save_settings(dozvon.folder)
    answer = dozvon.data("doctor")
    shown = {f["key"]: f for f in answer["findings"]}
    assert shown["service.runs"]["level"] == "ok"
    assert shown["databases.whole"]["params"] == {"file": "config.db"}
    assert shown["trunks.down.credentials_refused"]["level"] == "fault"
    assert "2002" in shown["phones.never_seen"]["text"]
    assert dozvon("doctor") == 1


@pytest.mark.parametrize(("language", "word"), [("ru", "СБОЙ"), ("en", "FAULT")])
def test_it_works_while_the_box_is_down(dozvon: CommandLine, language: str, word: str) -> None:
    port = str(free_port())
    assert dozvon("doctor", "--sip-port", port, language=language) == 1
    assert dozvon.out.startswith(word) and port in dozvon.out
    assert dozvon.err == ""


def test_damaged_settings_stop_nothing(dozvon: CommandLine) -> None:
    (dozvon.folder / "config.db").write_bytes(b"noise" * 1000)
    keys = [f["key"] for f in dozvon.data("doctor")["findings"]]
    assert "service.no_settings" in keys and "databases.damaged" in keys


def test_a_box_that_does_not_answer_is_asked_once(dozvon: CommandLine, box: StandIn) -> None:
    save_settings(dozvon.folder)
    box.answers["status"] = UserError("control.timeout", path="control.sock", seconds=10.0)
    keys = [f["key"] for f in dozvon.data("doctor")["findings"]]
    assert "service.silent" in keys and "service.down" not in keys
    assert [operation for operation, _ in box.asked] == ["status"]


def test_a_port_that_is_none_is_wrong_usage(dozvon: CommandLine) -> None:
    assert dozvon("doctor", "--sip-port", "99999") == 2
    assert "99999" in dozvon.err
