"""docs/configuration.md: its tables are those of the code, and its example can be applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.config.field_texts import FIELD_TEXTS
from appliance.config.presets import factory_document
from appliance.config.reference import reference_tables, replace_between
from appliance.config.yaml_file import parse_yaml

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "configuration.md").read_text(encoding="utf-8")
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def test_the_page_is_up_to_date() -> None:
    made = replace_between(PAGE, BEGIN, END, reference_tables())
    assert made == PAGE, "run docs/generate_configuration.py"


def test_every_field_is_on_the_page() -> None:
    tables = reference_tables()
    for key, text in FIELD_TEXTS.items():
        assert f"| `{key.partition('.')[2]}` | {text.help_en} |" in tables


def test_limits_and_defaults_are_told() -> None:
    tables = reference_tables()
    assert "| 5–600 | `60` |" in tables
    assert "| digits, up to 8 | **needed** |" in tables
    assert "| list of text, at least 1, from `trunks` or `lines` | **needed** |" in tables
    assert "| `+e164`, `e164`, `national`, `local` | `+e164` |" in tables


def test_the_example_is_sound() -> None:
    example = PAGE.partition("```yaml\n")[2].partition("```")[0]
    imported = parse_yaml(example.encode(), factory_document())
    assert imported.warnings == ()
    assert len(imported.document.extensions) == 2 and len(imported.document.classes) == 5


def test_a_page_without_marks_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="not found"):
        replace_between("no marks", BEGIN, END, "")
