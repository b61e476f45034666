"""Problems of the configuration find their fields; what has none is told above the form."""

from __future__ import annotations

import pytest

from appliance.errors import Problem
from webui.forms import Form

PATHS = {"site.name": "name", "site.timezone": "timezone"}


def test_a_problem_stands_beside_its_field_once() -> None:
    form = Form()
    problem = Problem("timezone.unknown", "site.timezone", {"value": "Moon"})
    form.place([problem, problem], PATHS, "en")
    assert list(form.errors) == ["timezone"]
    (text,) = form.errors["timezone"]
    assert "Moon" in text
    assert not form.is_sound


def test_what_has_no_field_is_told_with_its_place() -> None:
    form = Form()
    form.place([Problem("data.missing", "trunks[city].host")], PATHS, "en")
    assert form.errors == {}
    (text,) = form.general
    assert "city" in text
    assert not form.is_sound


def test_a_warning_refuses_nothing() -> None:
    form = Form()
    warning = Problem("secret.shared", "site.name", is_warning=True)
    elsewhere = Problem("secret.shared", "extensions[1].secret", is_warning=True)
    form.place([warning, elsewhere], PATHS, "ru")
    assert list(form.warnings) == ["name"]
    assert form.is_sound


@pytest.mark.parametrize("language", ["ru", "en"])
def test_sentences_are_in_the_readers_language(language: str) -> None:
    form = Form()
    form.place([Problem("timezone.unknown", "site.timezone", {"value": "M"})], PATHS, language)
    is_russian = any("а" <= letter <= "я" for letter in form.errors["timezone"][0])
    assert is_russian is (language == "ru")


def test_lines_come_back_to_their_field_as_they_were_typed() -> None:
    form = Form(values={"names": "Anna\r\nBoris", "odd": "a\rb"})
    assert form.value("names") == "Anna\nBoris"
    assert form.value("odd") == "a\rb", "no browser sends it; it is shown as the sign it is"
