"""The small language of names and values in a brand's table.

PURE. ``{field}`` stands for a field, ``{field|map}`` for what a map of the table makes of it (``*``
is the map's word for everything else). In names and attributes ``{n:23000+5}`` counts: 23000,
23005, … (with ``>4`` behind it from the fifth place on, with ``<7`` up to the sixth), and
``{n@P47,P402}`` picks from a list; a place before or behind that has no such parameter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from provisioning.fields import Fields

_PLACE = re.compile(r"\{(?P<field>\w+)(?:(?P<kind>[|:@])(?P<rest>[^{}]*))?\}")


class PatternError(ValueError):
    """A pattern names a field or a map that does not exist: a mistake in the table."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A place of a pattern with the text in front of it. kind: of the sign, or empty."""

    before: str
    name: str
    kind: str
    rest: str


def fill(pattern: str, fields: Fields, maps: Mapping[str, Mapping[str, str]]) -> str | None:
    """The pattern with its places filled, or None when one of them has nothing to tell."""
    places, tail = _parsed(pattern)
    filled = ""
    for place in places:
        part = _part(place, fields, maps)
        if part is None:
            return None
        filled += place.before + part
    return filled + tail


@lru_cache(maxsize=8192)
def _parsed(pattern: str) -> tuple[tuple[_Place, ...], str]:
    """The places of a pattern and the text behind the last one. Patterns are few and fixed."""
    places, end = [], 0
    for found in _PLACE.finditer(pattern):
        before = pattern[end : found.start()]
        places.append(_Place(before, found["field"], found["kind"] or "", found["rest"] or ""))
        end = found.end()
    return tuple(places), pattern[end:]


def fields_in(pattern: str) -> tuple[str, ...]:
    """Names of the fields that a pattern writes as they are, not by way of a map."""
    return tuple(place.name for place in _parsed(pattern)[0] if not place.kind)


def _counted(place: int, rule: str) -> str | None:
    """``23000+5``: 23000 for place 1, 23005 for 2; ``20200+5>4`` begins with place 5, ``1<17`` ends
    with place 16."""
    rule, _, end = rule.partition("<")
    if end and place >= int(end):
        return None
    rule, _, skipped = rule.partition(">")
    first, _, step = rule.partition("+")
    place -= int(skipped or "0")
    return str(int(first) + int(step or "1") * (place - 1)) if place > 0 else None


def _part(place: _Place, fields: Fields, maps: Mapping[str, Mapping[str, str]]) -> str | None:
    name, kind, rest = place.name, place.kind, place.rest
    if name not in fields:
        raise PatternError(f"no field {name}")
    value = fields[name]
    if value is None:
        return None
    if kind == "|":
        if rest not in maps:
            raise PatternError(f"no map {rest}")
        return maps[rest].get(value, maps[rest].get("*"))
    if kind == ":":
        return _counted(int(value), rest)
    if kind == "@":
        names = rest.split(",")
        return names[int(value) - 1] if int(value) <= len(names) else None
    return value
