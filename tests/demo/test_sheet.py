"""The screen of the demo, in both languages."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from appliance.demo.sheet import EXAMPLES, Phone, Sheet, sheet_data, sheet_lines

SHEET = Sheet(
    folder="data/demo",
    server="192.0.2.7",
    sip_port=5060,
    provider_port=5070,
    phones=(Phone("2001", "qwhf7k3mzx2pdt", "Anna", "+74950002001", "national"),),
    dozvon=".venv/bin/dozvon",
    option="",
)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_person_finds_all_that_a_softphone_asks(language: str) -> None:
    text = "\n".join(sheet_lines(SHEET, language))
    for fact in ("192.0.2.7", "2001", "qwhf7k3mzx2pdt", "Anna", "data/demo", *EXAMPLES):
        assert fact in text
    assert "{" not in text and "192.0.2.7:5060" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_an_unusual_port_stands_behind_the_server() -> None:
    lines = sheet_lines(replace(SHEET, sip_port=5080), "en")
    assert any("192.0.2.7:5080" in line for line in lines)


def test_programs_get_the_same() -> None:
    data = json.loads(json.dumps(sheet_data(SHEET, "en")))
    assert data["phones"][0]["password"] == "qwhf7k3mzx2pdt"
    assert [example["dial"] for example in data["examples"]] == list(EXAMPLES)


def test_an_office_without_extensions_has_a_screen_too() -> None:
    assert sheet_lines(replace(SHEET, phones=()), "en")
