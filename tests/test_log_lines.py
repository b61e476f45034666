"""Lines as the standard library writes them, field by field."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest

from appliance.log_lines import PlainFormatter, PlainRecord

_LIBRARY = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


def made(record: type[logging.LogRecord], *call: Any, error: Any = None) -> logging.LogRecord:
    text, *arguments = call
    one = record("appliance.room", logging.WARNING, "", 0, text, tuple(arguments), error)
    one.created, one.msecs = 1_700_000_000.25, 250
    return one


@pytest.mark.parametrize(
    "call",
    [
        ("nothing to put in",),
        ("a share of 5 %",),
        ("call %s: %d legs", "abc", 2),
        ("by %(name)s", {"name": "name"}),
        ("an empty %s", {}),
        ("Звонок %s", "\udcff"),
        (ValueError("as an object"),),
    ],
)
def test_a_line_is_the_librarys(call: tuple[Any, ...]) -> None:
    by_library = _LIBRARY.format(made(logging.LogRecord, *call))
    assert PlainFormatter().format(made(PlainRecord, *call)) == by_library


def test_an_error_has_its_traceback_below() -> None:
    try:
        raise ValueError("a defect")
    except ValueError:
        call = ("it broke",)
        plain = made(PlainRecord, *call, error=sys.exc_info())
        ours = PlainFormatter().format(plain)
        assert ours == _LIBRARY.format(made(logging.LogRecord, *call, error=sys.exc_info()))
    assert ours.endswith("ValueError: a defect") and "Traceback" in ours


def test_the_time_goes_on_within_a_second_and_beyond() -> None:
    formatter, seen = PlainFormatter(), []
    for at in (1_700_000_000.0, 1_700_000_000.999, 1_700_000_001.5, 1_700_000_000.001):
        record = made(PlainRecord, "x")
        record.created = at
        seen.append(formatter.format(record).partition(" WARNING")[0][-6:])
    assert seen == ["20,000", "20,999", "21,500", "20,000"]
