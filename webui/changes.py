"""Changes of the settings in the reader's words, for the ``diff`` piece of the pages.

PURE. A whole entity that came or went is shown as one line of its fields; a secret never shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from appliance.config.codec import MASK
from appliance.config.diff import ORDER, Change, value_text
from appliance.config.field_texts import field_label
from appliance.config.texts import place_text

Row = tuple[str, str | None, str | None]
_YES_NO = {"ru": ("нет", "да"), "en": ("no", "yes")}
_ORDER_WORDS = {"ru": "порядок", "en": "order"}


def rows(changes: Iterable[Change], language: str) -> list[Row]:
    """(place, before, after): before None = added, after None = removed."""
    return [_row(change, language) for change in changes]


def _row(change: Change, language: str) -> Row:
    place = place_text(change.path.removesuffix(f".{ORDER}"), language)
    if change.path.endswith(f".{ORDER}"):
        place += f", {_ORDER_WORDS.get(language, ORDER)}"
    owner = change.path.partition("[")[0].partition(".")[0]
    before, after = (_said(value, owner, language) for value in (change.before, change.after))
    return place, before, after


def _said(value: Any, owner: str, language: str) -> str | None:
    return None if value is None else _text(value, owner, language)


def _text(value: Any, owner: str, language: str) -> str:
    """A value in the reader's words; owner: whose fields a whole entity is told by."""
    if isinstance(value, bool):
        return _YES_NO.get(language, _YES_NO["en"])[value]
    if isinstance(value, list) and value:
        return ", ".join(_text(item, owner, language) for item in value)
    if isinstance(value, dict):
        told = {k: v for k, v in value.items() if v not in ("", [], MASK)}
        return ", ".join(
            f"{field_label(owner, k, language)}: {_text(v, k, language)}" for k, v in told.items()
        )
    return value_text(value)
