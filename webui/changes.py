"""Changes of the settings in the reader's words, for the ``diff`` piece of the pages.

PURE. A whole entity that came or went is shown as one line of its fields; a secret never shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from appliance.config.codec import MASK
from appliance.config.diff import ORDER, Change, value_text
from appliance.config.texts import place_text

Row = tuple[str, str | None, str | None]
_ORDER_WORDS = {"ru": "порядок", "en": "order"}


def rows(changes: Iterable[Change], language: str) -> list[Row]:
    """(place, before, after): before None = added, after None = removed."""
    return [_row(change, language) for change in changes]


def _row(change: Change, language: str) -> Row:
    place = place_text(change.path.removesuffix(f".{ORDER}"), language)
    if change.path.endswith(f".{ORDER}"):
        place += f", {_ORDER_WORDS.get(language, ORDER)}"
    return place, _said(change.before), _said(change.after)


def _said(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict):
        told = {k: v for k, v in value.items() if v not in ("", [], MASK)}
        return value_text(told)
    return value_text(value)
