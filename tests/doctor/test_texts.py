"""Every finding that the code can make has its words in both languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import appliance.doctor
from appliance.commands.words import PHONE_WHYS
from appliance.doctor.finding import Finding, Level
from appliance.doctor.registry import CHECKS
from appliance.doctor.texts import CHECK_NAMES, TEXTS, say
from appliance.routing.line_texts import LINE_WHYS
from appliance.routing.texts import TRUNK_WHYS


def test_no_key_is_without_words() -> None:
    folder = Path(appliance.doctor.__file__).parent
    text = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    keys = set(re.findall(r'(?:ok|warning|fault)\(\s*"([a-z_.]+)"', text))
    keys |= {f"trunks.down.{why}" for why in TRUNK_WHYS if why not in LINE_WHYS}
    keys |= {f"phones.{why}" for why in PHONE_WHYS if why != "disabled"}
    assert len(keys) > 40
    assert keys <= set(TEXTS)
    assert set(CHECKS) == set(CHECK_NAMES)


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_name_the_same_params(key: str) -> None:
    text = TEXTS[key]
    fields = [{f for _, f, _, _ in string.Formatter().parse(t) if f} for t in (text.ru, text.en)]
    assert fields[0] == fields[1]
    assert key.startswith("clock") or re.search("[а-я]", text.ru)
    assert not re.search("[а-яА-Я]", text.en)


def test_a_key_that_is_newer_than_the_table() -> None:
    assert say(Finding(Level.OK, "new.key", {"a": "1"}), "ru") == "new.key {'a': '1'}"
