"""One line of a phone's file before it has a format, and how XML quotes.

PURE. ``Setting.name`` is the parameter's own name; where a format nests, its parts stand between
slashes with an index behind ``@`` (``sip/line@1/PhoneNumber``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from provisioning.values import Refusal, RefusedValue

XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ATTRIBUTE = {**_TEXT, '"': "&quot;", "'": "&#39;"}


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter with its value; attributes: what an element carries besides."""

    name: str
    value: str
    attributes: Mapping[str, str] = field(default_factory=dict)


def xml_text(setting: Setting) -> str:
    """The value as text between tags."""
    return _quoted(check(setting), _TEXT)


def xml_attribute(value: str) -> str:
    """A value between double quotation marks."""
    return _quoted(value, _ATTRIBUTE)


def check(setting: Setting, forbids: str = "") -> str:
    """The value, which is one line of printable text; RefusedValue for any other.

    forbids: characters that the format has no way to write.
    """
    for value in (setting.value, *setting.attributes.values()):
        if not value.isprintable():
            raise RefusedValue(Refusal("phone.value.unprintable", setting.name))
    found = "".join(letter for letter in forbids if letter in setting.value)
    if found:
        raise RefusedValue(Refusal("phone.value.forbidden", setting.name, {"letters": found}))
    return setting.value


def _quoted(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(letter, letter) for letter in text)
