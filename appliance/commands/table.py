"""Aligned tables, durations and moments for people.

PURE. What came from the network or from a person is cleaned here: a control character in the name
of a phone must not command somebody's terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from appliance.config.texts import Text

NOTHING = "-"


def table_lines(
    headings: Sequence[Text], rows: Iterable[Sequence[object]], language: str
) -> list[str]:
    """The headings and the rows, columns aligned by the widest cell; empty cells show ``-``."""
    lines = [[heading.of(language) for heading in headings]]
    lines += [[cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]


def pair_lines(pairs: Iterable[tuple[Text, object]], language: str) -> list[str]:
    """``Name  value`` lines, values aligned."""
    named = [(name.of(language), cell(value)) for name, value in pairs]
    width = max((len(name) for name, _ in named), default=0)
    return [f"{name.ljust(width)}  {value}" for name, value in named]


def cell(value: object) -> str:
    """A value as one clean line; None and empty text show ``-``."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, float):
        return f"{value:.1f}"
    return clean(str(value))


def clean(text: str) -> str:
    """The text with everything that is not printable (controls, stray octets) replaced."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def duration(seconds: float | None) -> str:
    """``m:ss`` or ``h:mm:ss``; empty for None."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def moment(epoch_s: float | None, zone: tzinfo) -> str:
    """``2026-03-02 10:15:03`` in that zone; empty for None."""
    if epoch_s is None:
        return ""
    return datetime.fromtimestamp(epoch_s, zone).strftime("%Y-%m-%d %H:%M:%S")
