"""Tests of appliance/selftest/verdict.py: each way that a test can end has its words."""

from __future__ import annotations

import re
from typing import Any

import pytest

from appliance.selftest.running import Life
from appliance.selftest.verdict import TEXTS, judge

GOOD = {
    "event": "measured",
    "sent": 100,
    "returned": 100,
    "sent_dbfs": -10.0,
    "level_dbfs": -10.2,
    "frequency_hz": 1000.4,
    "delay_ms": 40.0,
}


def life(*events: str | dict[str, Any], ending: str = "done") -> Life:
    shown = tuple({"event": e} if isinstance(e, str) else e for e in events)
    return Life(shown, ending, "Traceback: a word")


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({}, "ok"),
        ({"returned": 96}, "loss"),
        ({"returned": 0}, "no_echo"),
        ({"frequency_hz": 940.0}, "distorted"),
        ({"level_dbfs": -20.0}, "level"),
        ({"delay_ms": 450.0}, "delay"),
    ],
)
def test_what_was_measured(changed: dict[str, Any], key: str) -> None:
    verdict = judge(life("started", "registered", "answered", GOOD | changed))
    assert (verdict.key, verdict.is_ok) == (key, key == "ok")


@pytest.mark.parametrize(
    ("ended", "key"),
    [
        (life("started", "registered", "answered", "silence", "over"), "silence"),
        (life("started", "registered", "answered", "no_echo", "over"), "no_echo"),
        (life("started", "registered", "dialled", "not_answered", "over"), "not_answered"),
        (life("started", ending="broken"), "not_registered"),
        (life("started", ending="hung"), "not_registered"),
        (life("started", "registered", ending="hung"), "hung"),
        (life("started", "registered", "answered", ending="hung"), "phone_failed"),
        (life(ending="broken"), "phone_failed"),
    ],
)
def test_what_came_between(ended: Life, key: str) -> None:
    assert judge(ended).key == key


@pytest.mark.parametrize("key", TEXTS)
def test_every_verdict_speaks_both_languages(key: str) -> None:
    assert re.search("[а-я]", TEXTS[key].ru) and not re.search("[а-яА-Я]", TEXTS[key].en)


def test_words_name_the_figures() -> None:
    verdict = judge(life(GOOD | {"returned": 80}))
    assert "20 %" in verdict.text("en") and "20 %" in verdict.text("ru")
