"""Tables, durations and moments."""

from __future__ import annotations

from datetime import UTC

import pytest

from appliance.commands.table import cell, duration, moment, pair_lines, table_lines
from appliance.config.texts import Text

COLUMNS = (Text("Раз", "One"), Text("Два", "Two"))


def test_columns_are_aligned() -> None:
    lines = table_lines(COLUMNS, [("длинное слово", 1), ("", None)], "ru")
    assert lines == ["Раз            Два", "длинное слово  1", "-              -"]


def test_a_table_without_rows_is_its_headings() -> None:
    assert table_lines(COLUMNS, [], "en") == ["One  Two"]


def test_pairs_are_aligned() -> None:
    assert pair_lines([(Text("а", "a"), 1), (Text("ббб", "bbb"), "")], "en") == [
        "a    1",
        "bbb  -",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (1.26, "1.3"), ("a\nb", "a\ufffdb"), ("\udcff", "\ufffd"), (None, "-"), ("ё", "ё")],
)
def test_cells_are_clean(value: object, shown: str) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, ""), (0.9, "0:00"), (65, "1:05"), (3725.4, "1:02:05")]
)
def test_durations(seconds: float | None, shown: str) -> None:
    assert duration(seconds) == shown


def test_moments() -> None:
    assert moment(0.0, UTC) == "1970-01-01 00:00:00" and moment(None, UTC) == ""
