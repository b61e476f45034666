"""The tables of docs/configuration.md, made from the dataclasses and their texts.

PURE. One table a section: field, meaning, what may stand there, default. Whoever adds a field to
model.py gets its row here, and a test asks for the page to be made anew.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from enum import Enum
from typing import Any

from appliance.config.codec import field_types, item_type, to_data
from appliance.config.field_texts import COLLECTION_TEXTS, FIELD_TEXTS
from appliance.config.model import COLLECTIONS, SINGLES, PhoneKey, Replacement

_KINDS = {
    "number": "digits",
    "prefix": "digits, `*`, `#`",
    "did": "`+` and 7–15 digits",
    "target": "a number of `extensions`, `+` and 7–15 digits, or `voicemail`",
    "host": "host name or IP address",
    "port": "0–65535",
    "flag": "`true` or `false`",
    "secret": "text",
    "name": "text",
    "text": "text",
    "cidr": "IP address or network",
    "timezone": "time zone, `Europe/Moscow`",
    "status": "400–699",
    "mac": "12 hexadecimal digits, lower case",
    "url": "link with `http`, `https` or `tftp`",
}


def reference_tables() -> str:
    """Markdown: a heading, a sentence and a table for every section of the document."""
    parts = [_section(name, kind) for name, kind in SINGLES.items()]
    replacement = "### Items of `dialling.replacements`\n\n" + _table("replacements", Replacement)
    parts.append(replacement)
    parts += [_section(name, kind, key) for name, (kind, key) in COLLECTIONS.items()]
    parts.append("### Items of `phones.keys`\n\n" + _table("keys", PhoneKey))
    return "\n".join(parts)


def _section(name: str, kind: type, key: str = "") -> str:
    text = COLLECTION_TEXTS[name]
    shape = f"A list; `{key}` must be unique." if key else "Exists once."
    return f"### `{name}`: {text.en_plural}\n\n{text.help_en} {shape}\n\n" + _table(name, kind)


def _table(name: str, kind: type) -> str:
    rows = ["| field | meaning | may be | default |", "|---|---|---|---|"]
    for field in fields(kind):
        meaning = FIELD_TEXTS[f"{name}.{field.name}"].help_en
        cells = (f"`{field.name}`", meaning, _limits(kind, field), _default(field))
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _limits(kind: type, field: Field[Any]) -> str:
    limits = field.metadata
    found = field_types(kind)[field.name]
    item = item_type(found)
    words = ["list of"] if item else []
    words.append(_values(item or found, limits))
    if (longest := limits.get("longest")) is not None:
        words.append(f"up to {longest}")
    if low := limits.get("at_least"):
        words.append(f"at least {low}")
    if collections := limits.get("refers"):
        words.append("from " + " or ".join(f"`{name}`" for name in collections.split()))
    return ", ".join(words).replace("list of, ", "list of ")


def _values(kind: Any, limits: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{member.value}`" for member in kind)
    if choices := limits.get("choices"):
        return ", ".join(f"`{choice}`" for choice in choices)
    if "low" in limits:
        return f"{limits['low']}–{limits['high']}"
    if limits["kind"] in ("replacement", "phone_key"):
        return "items as below"
    if limits.get("digits_only"):
        return "digits"
    port = ", with `:port` if need be" if limits.get("port_allowed") else ""
    return _KINDS[limits["kind"]] + port


def _default(field: Field[Any]) -> str:
    if field.default is MISSING:
        return "**needed**"
    return _shown(to_data(field.default))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value) or "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value != "" else "empty"


def replace_between(page: str, begin: str, end: str, tables: str) -> str:
    """The page with what stands between two marks replaced; ValueError when a mark is missing."""
    head, found, rest = page.partition(begin)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"marks {begin} and {end} not found")
    return f"{head}{begin}\n\n{tables}\n{end}{tail}"
