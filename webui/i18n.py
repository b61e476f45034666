"""Texts in the reader's language: catalogs, times and durations.

Owns the catalogs, read once at start from translations/<language>/LC_MESSAGES/messages.po; nothing
is compiled beforehand. A text's key is its English wording. scripts/translations.py keeps the
catalogs.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import g
from markupsafe import Markup, escape

from webui.shown import shown

LANGUAGES = ("ru", "en")
#: Each language names itself.
NAMES: Mapping[str, str] = {"ru": "Русский", "en": "English"}
_FOLDER = Path(__file__).parent / "translations"


@cache
def catalog(language: str) -> GNUTranslations:
    """The texts of a language."""
    path = _FOLDER / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        texts = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, texts)
    compiled.seek(0)
    return GNUTranslations(compiled)


def language() -> str:
    """The reader's language: ``ru`` or ``en``."""
    return str(g.get("language", "en"))


def gettext(text: str, **params: Any) -> Markup:
    """A text in the reader's language; params fill ``%(name)s`` and are escaped."""
    return _filled(catalog(language()).gettext(text), params)


def ngettext(one: str, many: str, count: int, **params: Any) -> Markup:
    """A text that counts; ``%(count)s`` is the figure."""
    found = catalog(language()).ngettext(one, many, count)
    return _filled(found, {"count": count, **params})


def moment(epoch_s: float | None) -> str:
    """Date and time by the office's clock; a dash for None."""
    if epoch_s is None:
        return "—"
    return format_datetime(_local(epoch_s), "d MMM y, HH:mm:ss", locale=language())


def moment_of_day(epoch_s: float | None) -> str:
    """The time alone when it was today, else with its date."""
    if epoch_s is None:
        return "—"
    then, today = _local(epoch_s), _local(g.now)
    form = "HH:mm:ss" if then.date() == today.date() else "d MMM, HH:mm"
    return format_datetime(then, form, locale=language())


def day(epoch_s: float) -> str:
    """The date alone."""
    return format_date(_local(epoch_s), "d MMMM y", locale=language())


def duration(seconds: float | None) -> str:
    """``1:02:03``, ``2:03``; with days in front when there are any; a dash for None."""
    if seconds is None:
        return "—"
    days, rest = divmod(max(0, int(seconds)), 86400)
    hours, rest = divmod(rest, 3600)
    clock = f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours or days else ""
    clock = clock or f"{rest // 60}:{rest % 60:02}"
    if not days:
        return clock
    said = ngettext("%(count)s day", "%(count)s days", days)
    return f"{said} {clock}"


def _filled(text: str, params: Mapping[str, Any]) -> Markup:
    safe = Markup(escape(shown(text)))  # a key without words is shown as it came
    if not params:
        return safe
    return safe % {name: _fit(value) for name, value in params.items()}


def _fit(value: Any) -> Any:
    return value if isinstance(value, Markup) or not isinstance(value, str) else shown(value)


def _local(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(epoch_s, g.get("zone") or ZoneInfo("UTC"))
