"""Every text of the pages in Russian and English, and none that nobody uses."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
tool = runpy.run_path(str(PROJECT / "scripts" / "translations.py"))
_PARAMS = re.compile(r"%\((\w+)\)s")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_catalog_is_what_the_tool_would_write(language: str) -> None:
    """Nothing is missing, nothing is left over: run scripts/translations.py otherwise."""
    written = tool["catalog_path"](language).read_bytes()
    assert written == tool["as_bytes"](tool["renewed"](language))


@pytest.mark.parametrize("language", ["ru", "en"])
def test_nothing_is_untranslated(language: str) -> None:
    assert tool["missing"](tool["read_catalog"](language)) == []


def test_translations_keep_the_params_of_a_text() -> None:
    for message in tool["read_catalog"]("ru"):
        ids = (message.id,) if isinstance(message.id, str) else message.id
        forms = (message.string,) if isinstance(message.string, str) else message.string
        wanted = {name for text in ids for name in _PARAMS.findall(text)}
        for form in forms:
            assert set(_PARAMS.findall(form)) <= wanted, form
        assert {n for form in forms for n in _PARAMS.findall(form)} == wanted, message.id


def test_russian_is_russian() -> None:
    """A text that was copied instead of translated has no Cyrillic letter."""
    same = {"SIP", "QR"}
    for message in tool["read_catalog"]("ru"):
        if message.id and message.id not in same and not isinstance(message.id, tuple):
            assert re.search("[а-яё]", str(message.string), re.IGNORECASE), message.id
