"""Every key in the code has a text in both languages, and every text is raised by a test."""

from __future__ import annotations

import re
import string
from dataclasses import fields
from pathlib import Path

import appliance.commands.config as config_command
import appliance.config
from appliance.config.field_texts import COLLECTION_TEXTS, FIELD_TEXTS
from appliance.config.model import COLLECTIONS, SINGLES, PhoneKey, Replacement
from appliance.config.texts import TEXTS, place_text, problem_text, say
from appliance.errors import Problem
from tests.config.test_validate import CASES

PACKAGE = Path(appliance.config.__file__).parent
KEY = re.compile(r'"([a-z][a-z_]*(?:\.[a-z0-9_]+)+)"')
#: Dotted words in the code that are no keys: paths of fields, names of files, keys of others.
NOT_KEYS = set(FIELD_TEXTS) | {"config.db", "control.sock"}
OF_OTHERS = {"control.not_running"}


def _keys_in_code() -> set[str]:
    tables = {"problem_texts.py", "field_table.py", "field_texts.py", "texts.py"}
    tables |= {"phone_problem_texts.py", "field_table_phones.py", "line_problem_texts.py"}
    tables.add("forward_problem_texts.py")
    sources = [p for p in PACKAGE.rglob("*.py") if p.name not in tables]
    sources.append(Path(config_command.__file__))
    found = {key for p in sources for key in KEY.findall(p.read_text(encoding="utf-8"))}
    found = {key for key in found if not key.endswith(".toml")}
    return found - NOT_KEYS - OF_OTHERS


def test_every_key_in_the_code_has_a_text() -> None:
    assert _keys_in_code() - set(TEXTS) == set()


def test_every_text_belongs_to_a_key_in_the_code() -> None:
    made = {f"data.not_{word}" for word in ("text", "a_whole_number", "a_number", "yes_or_no")}
    assert set(TEXTS) - _keys_in_code() - made == set()


def test_every_key_is_raised_by_some_test() -> None:
    here = Path(__file__).parent
    words = {key for p in here.glob("test_*.py") for key in KEY.findall(p.read_text("utf-8"))}
    commands = here.parent / "commands" / "test_config.py"
    words |= set(KEY.findall(commands.read_text("utf-8")))
    assert set(TEXTS) - words == set()
    assert {case[0] for case in CASES} <= set(TEXTS)


def test_both_languages_speak_of_the_same_params() -> None:
    for key, text in TEXTS.items():
        names = [
            {field for _, field, _, _ in string.Formatter().parse(t) if field}
            for t in (text.ru, text.en)
        ]
        assert names[0] == names[1], key
        assert text.ru.endswith((".", "?")), key
        assert text.en.endswith((".", "?")), key
        assert re.search("[а-я]", text.ru) and not re.search("[а-я]", text.en), key


def test_every_field_has_a_label_and_a_meaning_and_no_row_is_left_over() -> None:
    entities = dict(SINGLES) | {name: kind for name, (kind, _) in COLLECTIONS.items()}
    parts = {"replacements": Replacement, "keys": PhoneKey}
    entities |= parts
    named = {f"{name}.{f.name}" for name, kind in entities.items() for f in fields(kind)}
    assert set(FIELD_TEXTS) == named
    assert set(COLLECTION_TEXTS) == set(entities) - set(parts)
    for text in FIELD_TEXTS.values():
        assert text.help_ru.endswith(".") and text.help_en.endswith(".")


def test_a_place_is_told_in_words() -> None:
    assert place_text("extensions[2001].number", "en") == "Extension 2001, Number"
    assert place_text("dialling.replacements[#1].prefix", "ru") == "План набора, Замены #1, Набрано"
    assert place_text("trunks", "en") == "Trunks"
    assert place_text("", "en") == ""


def test_a_problem_tells_its_line_and_its_hint() -> None:
    params = {"name": "nmae", "hint": "name", "line": "3"}
    text = problem_text(Problem("data.unknown_key", "site.nmae", params), "en")
    assert text.startswith("Office, nmae (line 3): ") and text.endswith("Did you mean “name”?")


def test_an_unknown_key_shows_itself() -> None:
    assert say("no.such", {"a": "b"}, "ru") == "no.such {'a': 'b'}"
    assert (
        say("data.unknown_key", {}, "en")
        == "There is no field “{name}”. Correct its name or remove the line."
    )
