"""Every key that routing can say has its Russian and English words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import appliance.routing
from appliance.apps.catalogue import APPS as CATALOGUE
from appliance.call.leg import Cause
from appliance.config.model import DestinationKind
from appliance.routing.decision import Reason, Verdict
from appliance.routing.mailbox import LEAVE, LISTEN
from appliance.routing.profile import Feature
from appliance.routing.texts import (
    ALERTS,
    CAUSES,
    KINDS,
    LABELS,
    LANGUAGES,
    PROMPTS,
    REASONS,
    TRUNK_WHYS,
    VERDICTS,
    say,
    say_alert,
    say_app,
    say_cause,
    say_key,
    say_kind,
    say_prompt,
    say_verdict,
    say_why,
)

SOURCES = Path(appliance.routing.__file__).parent
_KEY = re.compile(r'"([a-z_]+\.[a-z_]+)"')


def keys_in_source() -> Iterator[str]:
    for path in SOURCES.glob("*.py"):
        if path.name in ("texts.py", "line_texts.py", "explain.py"):
            continue
        yield from _KEY.findall(path.read_text(encoding="utf-8"))
    yield from (f"meaning.{feature.value}" for feature in Feature)


def test_every_reason_in_the_source_has_texts_and_every_text_its_reason() -> None:
    assert set(keys_in_source()) == set(REASONS)


@pytest.mark.parametrize("table", [REASONS, ALERTS, PROMPTS, LABELS, TRUNK_WHYS])
def test_both_languages_are_filled_from_the_same_params(table: dict[str, tuple[str, str]]) -> None:
    for key, texts in table.items():
        russian, english = texts
        assert russian and english, key
        assert re.search("[а-яё]", russian) or "{" in russian, key
        assert not re.search("[а-яё]", english), key
        fields = [{name for _, name, _, _ in Formatter().parse(t) if name} for t in texts]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_enums_are_complete(language: str) -> None:
    assert set(KINDS) == set(DestinationKind)
    assert set(VERDICTS) == set(Verdict)
    assert set(CAUSES) == set(Cause)
    assert all(say_kind(kind, language) for kind in DestinationKind)
    assert all(say_verdict(verdict, language) for verdict in Verdict)
    assert all(say_cause(cause, language) for cause in Cause)


def test_say_puts_params_into_words() -> None:
    reason = Reason("class.forbids", {"class": "local", "kind": "mobile"})
    assert say(reason, "ru") == "Класс «local» не разрешает: мобильный"
    assert say(reason, "en") == "Class “local” does not allow: mobile"
    down = Reason("way.down", {"trunk": "a", "why": "dns", "number": "112"})
    assert "имя узла не найдено" in say(down, "ru")
    barred = Reason(
        "class.country_closed",
        {"class": "x", "country": "UA", "country_ru": "Украина", "country_en": "Ukraine"},
    )
    assert "Украина" in say(barred, "ru") and "Ukraine" in say(barred, "en")


def test_unknown_keys_and_braces_do_no_harm() -> None:
    assert say(Reason("new.key", {"a": "1"}), "ru") == "new.key a=1"
    assert say(Reason("rule.chosen", {"rule": "{0.__class__}"}), "en") == "Rule “{0.__class__}”"
    assert say(Reason("rule.chosen"), "en") == "Rule “-”"
    assert say_alert("disk_full", "ru") == "disk_full"
    assert say_why("weather", "ru") == "weather"
    assert say_prompt("", "ru") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_app_has_a_name(language: str) -> None:
    for app in (*CATALOGUE, "address", "claim", "forward", LEAVE, LISTEN):
        assert (re.search("[а-я]", say_app(app, language)) is not None) is (language == "ru"), app
    assert say_key("step.app", {"app": "x"}, language)
    assert say_app("of tomorrow", language) == "of tomorrow"
