"""``dozvon explain`` on a running box, without one, and its samples."""

from __future__ import annotations

import argparse
import io
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.commands import explain
from appliance.config.codec import from_data
from appliance.config.former_classes import FORMER
from appliance.config.model import (
    DestinationKind,
    DialProfile,
    DialRule,
    Document,
    Extension,
    Trunk,
)
from appliance.config.presets import factory_document
from appliance.config.store import ConfigStore
from appliance.errors import UserError

K = DestinationKind
OUTSIDE = (K.EMERGENCY, K.LOCAL, K.NATIONAL, K.MOBILE, K.INTERNATIONAL)
PROFILES = {"P9": "9", "P0": "0", "none": ""}


def document(profile: str = "P9") -> Document:
    return replace(
        factory_document(),
        classes=from_data({"classes": list(FORMER)}).classes,  # its owner opened every country
        dialling=DialProfile(name=profile, outside_prefix=PROFILES[profile]),
        extensions=tuple(
            Extension(
                number=number,
                secret=f"long-Secret-{number}-xyzzy",
                class_of_service=service,
            )
            for number, service in (("2001", "national"), ("2002", "international"))
        ),
        trunks=(
            Trunk(
                name="provider",
                host="sip.example.net",
                username="office",
                secret="another-Long-secret-7",
                caller_id="+74951234567",
            ),
        ),
        rules=(DialRule(name="all", kinds=OUTSIDE, ways=("provider",)),),
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return save(tmp_path, document())


def save(folder: Path, settings: Document) -> Path:
    store = ConfigStore(folder / "config.db")
    base, _ = store.load()
    store.save(settings, base, "test")
    store.close()
    return folder


def run(data: Path, *words: str, language: str = "en", is_json: bool = False) -> tuple[int, str]:
    parser = argparse.ArgumentParser()
    explain.add_parser(parser.add_subparsers())
    args = parser.parse_args(["explain", *words])
    args.data, args.language, args.json = str(data), language, is_json
    out = io.StringIO()
    return explain.run(args, out), out.getvalue()


@contextmanager
def box(folder: Path, answer: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """A control socket that gives one answer to everything, and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Desk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked.append(json.loads(self.rfile.readline()))
            self.wfile.write(json.dumps(answer).encode() + b"\n")

    with socketserver.UnixStreamServer(str(folder / "control.sock"), Desk) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        yield asked
        thread.join(5)


def test_without_a_box_it_decides_on_the_settings(data: Path) -> None:
    code, text = run(data, "9 8 903 678-56-65")
    assert code == 0
    assert text.splitlines()[:3] == [
        "2001 calls, dial profile P9, configuration 1",
        "The box is not running: every phone is taken as registered, every trunk as up",
        "Number: +79036785665, mobile — the call goes",
    ]
    assert "Rule “all”" in text


def test_a_refused_call_ends_with_1(data: Path) -> None:
    code, text = run(data, "9810380692123456", language="ru")
    assert code == 1
    assert "Международная связь закрыта — Украина" in text
    code, _ = run(data, "9810380692123456", "--from", "2002")
    assert code == 0


def test_the_sites_language_is_the_default(data: Path) -> None:
    assert "Звонит 2001" in run(data, "2002", language="")[1]


def test_json_for_programs(data: Path) -> None:
    code, text = run(data, "2002", is_json=True)
    answer = json.loads(text)
    assert (code, answer["verdict"], answer["is_live"], answer["from"]) == (
        0,
        "route",
        False,
        "2001",
    )
    assert answer["steps"][0]["extension"] == "2002"
    assert answer["lines"]


def test_a_call_from_a_trunk(data: Path) -> None:
    code, text = run(data, "+74951234567", "--trunk", "provider")
    assert code == 1
    assert "not a known number of trunk “provider”" in text


def test_a_running_box_is_asked(data: Path) -> None:
    _, offline = run(data, "2002", is_json=True)
    answer = json.loads(offline) | {"number": "from the box"}
    with box(data, {"ok": True, "result": answer}) as asked:
        code, text = run(data, "2002", "--from", "2001", "--at", "2026-03-02T10:00")
    assert code == 0
    assert "from the box" in text and "not running" not in text
    assert asked[0]["op"] == "explain"
    assert asked[0]["args"] == {
        "number": "2002",
        "from": "2001",
        "trunk": "",
        "at": "2026-03-02T10:00:00+03:00",
    }


def test_the_boxs_own_errors_are_not_hidden(data: Path) -> None:
    refusal = {"ok": False, "error": {"key": "control.overloaded", "params": {"at": "x"}}}
    with box(data, refusal), pytest.raises(UserError) as caught:
        run(data, "2002")
    assert caught.value.key == "control.overloaded"


@pytest.mark.parametrize("moment", ["10:30", "2026-03-02", "2026-03-02T10:30", "2026-03-02 10:30"])
def test_moments(data: Path, moment: str) -> None:
    assert run(data, "2002", "--at", moment)[0] == 0


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("2002", "--at", "noon"), "explain.bad_time"),
        (("2002", "--at", "25:00"), "explain.bad_time"),
        ((), "explain.number_missing"),
    ],
)
def test_mistakes(data: Path, words: tuple[str, ...], key: str) -> None:
    code, text = run(data, *words, is_json=True)
    assert (code, json.loads(text)["error"]["key"]) == (2, key)
    code, text = run(data, *words, language="ru")
    assert code == 2 and text.endswith("\n") and "{" not in text


def test_an_empty_folder_stays_empty(tmp_path: Path) -> None:
    code, text = run(tmp_path, "2002")
    assert code == 2 and "config.db" in text
    assert list(tmp_path.iterdir()) == []


def test_an_office_without_extensions(tmp_path: Path) -> None:
    save(tmp_path, replace(document(), extensions=()))
    code, text = run(tmp_path, "112")
    assert code == 2 and "--from" in text
    assert "Скажите, кто звонит" in run(tmp_path, "112", language="")[1], (
        "the office speaks Russian"
    )


CARD = {  # how 000.1-000.6 and 003.5 are dialled behind the prefix, and what a +E.164 trunk gets
    "5551525": "+74955551525",
    "89036785665": "+79036785665",
    "83433789809": "+73433789809",
    "810380692123456": "+380692123456",
    "89101234567": "+79101234567",
}


@pytest.mark.parametrize(("profile", "prefix"), PROFILES.items())
def test_the_card_s_numbers_in_every_profile(tmp_path: Path, profile: str, prefix: str) -> None:
    save(tmp_path, document(profile))
    for dialled, sent in CARD.items():
        code, text = run(tmp_path, prefix + dialled, "--from", "2002")
        assert code == 0 and sent in text and "provider" in text, dialled
    assert run(tmp_path, "2001", "--from", "2002")[0] == 0
    assert run(tmp_path, "2999", "--from", "2002")[0] == 1
    code, text = run(tmp_path, prefix + "810380692123456", "--from", "2001")
    assert code == 1 and "international" in text.lower()
    for dialled in ("112", "101", prefix + "112"):
        assert "emergency" in run(tmp_path, dialled, "--from", "2001")[1], dialled


@pytest.mark.parametrize(("profile", "prefix"), PROFILES.items())
def test_samples(tmp_path: Path, profile: str, prefix: str) -> None:
    save(tmp_path, document(profile))
    code, text = run(tmp_path, "--samples")
    rows = {line.split()[0]: line.split() for line in text.splitlines()}
    assert code == 0
    assert rows["000.1"][1] == "2001"
    assert rows["000.2"][1:] == [
        prefix + "5551525",
        "local",
        "+74955551525",
        "+74955551525",
        "74955551525",
        "84955551525",
        "5551525",
    ]
    assert rows["000.6"][1] == prefix + "810380692123456"
    listed = json.loads(run(tmp_path, "--samples", is_json=True)[1])
    assert {row["requirement"] for row in listed} >= {"000.1", "000.2", "000.4", "000.5", "000.6"}
