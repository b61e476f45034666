"""Texts, times and durations in the reader's language."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g
from markupsafe import Markup

from webui import i18n

NOON = 1_772_442_000.0  # 2026-03-02 09:00 UTC


@pytest.fixture(params=["ru", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _said(language: str, what: str) -> dict[str, str]:
    app = Flask("test")
    with app.app_context():
        g.language, g.zone, g.now = language, ZoneInfo("Asia/Omsk"), NOON
        return {
            "days": str(i18n.ngettext("%(count)s day", "%(count)s days", 3)),
            "moment": i18n.moment(NOON),
            "today": i18n.moment_of_day(NOON - 60),
            "before": i18n.moment_of_day(NOON - 86400 * 2),
            "nothing": i18n.moment(None) + i18n.duration(None),
            "text": str(i18n.gettext("The password of %(name)s", name=what)),
            "long": i18n.duration(90061),
            "short": i18n.duration(62.9),
        }


def test_times_by_the_offices_clock(language: str) -> None:
    said = _said(language, "x")
    assert "15:00:00" in said["moment"]
    assert said["today"] == "14:59:00"
    assert "15:00" in said["before"]
    assert said["before"] != "15:00:00"
    assert said["nothing"] == "——"
    assert said["short"] == "1:02"
    assert said["long"].endswith("1:01:01")


def test_russian_counts_in_three_ways() -> None:
    assert _said("ru", "x")["days"] == "3 дня"
    assert _said("en", "x")["days"] == "3 days"


def test_params_are_text(language: str) -> None:
    text = _said(language, "<b>\u202e")["text"]
    assert "<b>" not in text
    assert "&lt;b&gt;⟨202E⟩" in text
    app = Flask("test")
    with app.app_context():
        assert "<b>" in i18n.gettext("The password of %(name)s", name=Markup("<b>"))
