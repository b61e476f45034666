"""Documents to plain data (dicts, lists, text, figures) and back, driven by the dataclasses.

PURE. One walk over ``dataclasses.fields`` serves every entity: no entity has code of its own here.
Text is taken where a figure or a flag is meant (``"60"``, ``"yes"``), because YAML files are read
as text: their owner must not lose the zero of ``0`` or the plus of ``+7495…`` to a guess.
Values are checked by validate.py; here is only what cannot be made into a Document at all.
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from appliance.config.model import COLLECTIONS, Document
from appliance.errors import ConfigErrors, Problem

#: Stands for a secret that is not shown; read back, it keeps the secret that is stored.
MASK = "********"

_KEY_FIELDS: Mapping[type, str] = dict(COLLECTIONS.values())
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_ZEROS: Mapping[type, Any] = {str: "", int: 0, float: 0.0, bool: False}
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Decoded:
    """A document as far as it could be made, and why the rest could not."""

    document: Document
    problems: tuple[Problem, ...]


def to_data(value: Any, *, with_secrets: bool = True) -> Any:
    """A Document (or entity) as plain data with every field; secrets masked unless asked for."""
    if type(value) in _ZEROS:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        known = _fields_of(type(value)).values()
        return {f.name: _field_data(value, f, with_secrets) for f in known}
    if isinstance(value, tuple):
        return [to_data(item, with_secrets=with_secrets) for item in value]
    return value.value if isinstance(value, Enum) else value


def from_data(data: Any) -> Document:
    """The Document of plain data; raises ConfigErrors with all that is unknown or of wrong type."""
    decoded = decode(data)
    if decoded.problems:
        raise ConfigErrors(decoded.problems)
    return decoded.document


def decode(data: Any) -> Decoded:
    """The Document as far as data gives one: broken fields hold their default, or zero."""
    problems: list[Problem] = []
    document = _decode_entity(Document, data, "", problems)
    return Decoded(document, tuple(problems))


def item_path(path: str, entity: type | None, item: Any, index: int) -> str:
    """The path of a list item: by its key where it has one, else by its place from 1.

    item: plain data or an entity; ``extensions[2001]``, ``dialling.replacements[#1]``.
    """
    key_field = _KEY_FIELDS.get(entity) if entity else None
    if key_field:
        key = item.get(key_field) if isinstance(item, dict) else getattr(item, key_field, "")
        if isinstance(key, str | int) and key != "":
            return f"{path}[{key}]"
    return f"{path}[#{index + 1}]"


def join(path: str, name: str) -> str:
    """The path of a field below path."""
    return f"{path}.{name}" if path else name


@cache
def _fields_of(entity: type) -> Mapping[str, Field[Any]]:
    """Field name -> field of an entity: there are a few entities, and hundreds of each."""
    return {f.name: f for f in fields(entity)}


@cache
def field_types(entity: type) -> Mapping[str, Any]:
    """Field name -> resolved type of an entity."""
    return get_type_hints(entity)


@cache
def item_type(kind: Any) -> Any:
    """The type of the items of ``tuple[X, ...]``, or None when kind is not a tuple."""
    return get_args(kind)[0] if get_origin(kind) is tuple else None


def _field_data(entity: Any, field: Field[Any], with_secrets: bool) -> Any:
    value = getattr(entity, field.name)
    if field.metadata.get("kind") == "secret" and not with_secrets:
        return MASK if value else ""
    return to_data(value, with_secrets=with_secrets)


def _decode_entity(entity: type, data: Any, path: str, problems: list[Problem]) -> Any:
    if data is None:
        data = {}
    if not isinstance(data, dict):
        problems.append(Problem("data.not_a_mapping", path, {"value": _shown(data)}))
        data = {}
    known = _fields_of(entity)
    for name in data:
        if name not in known:
            problems.append(_unknown_key(str(name), known, path))
    values = {
        name: _decode_field(entity, field, data.get(name), join(path, name), problems)
        for name, field in known.items()
    }
    return entity(**values)


def _decode_field(
    entity: type, field: Field[Any], data: Any, path: str, problems: list[Problem]
) -> Any:
    kind = field_types(entity)[field.name]
    if field.metadata.get("kind") == "secret" and not isinstance(data, str | None):
        problems.append(Problem("data.not_text", path, {"value": MASK}))
        return _absent(kind, field)
    if data is not None:
        value = _decode_value(kind, data, path, problems)
        return _absent(kind, field) if value is _NOTHING else value
    if field.default is MISSING and field.default_factory is MISSING:
        problems.append(Problem("data.missing", path))
    return _absent(kind, field)


def _absent(kind: Any, field: Field[Any]) -> Any:
    """What a field holds that was not given: its default, else the zero of its type."""
    if field.default is not MISSING:
        return field.default
    if field.default_factory is not MISSING:
        return field.default_factory()
    return () if item_type(kind) else _ZEROS.get(kind, "")


def _decode_value(kind: Any, data: Any, path: str, problems: list[Problem]) -> Any:
    if kind in _ZEROS:
        value = _decode_scalar(kind, data)
        if value is _NOTHING:
            key = f"data.not_{_WORDS[kind]}"
            problems.append(Problem(key, path, {"value": _shown(data)}))
        return value
    if item := item_type(kind):
        return _decode_list(item, data, path, problems)
    if isinstance(kind, type) and is_dataclass(kind):
        return _decode_entity(kind, data, path, problems)
    return _decode_enum(kind, data, path, problems)


def _decode_list(item: Any, data: Any, path: str, problems: list[Problem]) -> Any:
    if not isinstance(data, list | tuple):
        problems.append(Problem("data.not_a_list", path, {"value": _shown(data)}))
        return _NOTHING
    entity = item if is_dataclass(item) and isinstance(item, type) else None
    values = [
        _decode_value(item, each, item_path(path, entity, each, index), problems)
        for index, each in enumerate(data)
    ]
    return tuple(v for v in values if v is not _NOTHING)


def _decode_enum(kind: type[Enum], data: Any, path: str, problems: list[Problem]) -> Any:
    for member in kind:
        if member.value == data:
            return member
    choices = [str(member.value) for member in kind]
    params = {"value": _shown(data), "choices": ", ".join(choices), "hint": _hint(data, choices)}
    problems.append(Problem("choice.unknown", path, params))
    return _NOTHING


def _decode_scalar(kind: Any, data: Any) -> Any:
    if kind is bool:
        return data if isinstance(data, bool) else _FLAGS.get(str(data).lower(), _NOTHING)
    if isinstance(data, bool):
        return _NOTHING
    if kind is str:
        return data if isinstance(data, str) else _NOTHING
    if isinstance(data, kind) or (kind is float and isinstance(data, int)):
        return kind(data)
    return _figure(kind, data) if isinstance(data, str) else _NOTHING


def _figure(kind: type, text: str) -> Any:
    """A decimal figure of at most 15 characters; no exponents, blanks, or underscores."""
    whole, _, fraction = text.removeprefix("-").partition(".")
    is_plain = whole.isascii() and whole.isdigit() and len(text) <= 15
    if kind is int:
        return int(text) if is_plain and "." not in text else _NOTHING
    is_plain = is_plain and ("." not in text or (fraction.isascii() and fraction.isdigit()))
    return float(text) if is_plain else _NOTHING


def _unknown_key(name: str, known: Mapping[str, Any], path: str) -> Problem:
    return Problem("data.unknown_key", join(path, name), {"name": name, "hint": _hint(name, known)})


def _hint(word: Any, choices: Any) -> str:
    """The choice that was probably meant, or an empty text."""
    near = difflib.get_close_matches(str(word)[:64], list(choices), n=1, cutoff=0.6)
    return near[0] if near else ""


def _shown(data: Any) -> str:
    """Data as a message may show it: short, one line, and never a whole structure."""
    if isinstance(data, dict | list | tuple):
        return "{…}" if isinstance(data, dict) else "[…]"
    text = "".join(c if c.isprintable() else "?" for c in str(data))
    return text if len(text) <= 40 else text[:39] + "…"


_WORDS: Mapping[Any, str] = types.MappingProxyType(
    {str: "text", int: "a_whole_number", float: "a_number", bool: "yes_or_no"}
)
