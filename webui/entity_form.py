"""One entity of the settings as a form: fields with their words, what they hold, and back to data.

PURE. The model's metadata says what kind of field each is, field_table.py what it is called; a new
field of an entity needs one name in a list here and there, and no code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass
from enum import Enum
from typing import Any

from appliance.config.codec import MASK, field_types, item_type, to_data
from appliance.config.field_texts import FIELD_TEXTS
from appliance.config.model import COLLECTIONS, SINGLES
from webui import written

YES = "yes"


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field as a form shows it. shape: ``text area select check checks
    secret number``; checks: several of few, each a field ``name.choice`` of its own."""

    name: str
    label: str
    hint: str
    shape: str
    choices: tuple[tuple[str, str], ...] = ()


def views(
    collection: str,
    names: Sequence[str],
    language: str,
    choices: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> list[FieldView]:
    """The fields of an entity; choices: (value, text) of those that name something else."""
    given = choices or {}
    found = []
    for name in names:
        text = FIELD_TEXTS[f"{collection}.{name}"]
        is_russian = language == "ru"
        options = tuple(given.get(name) or [(c, c) for c in own_choices(collection, name)])
        found.append(
            FieldView(
                name=name,
                label=text.ru if is_russian else text.en,
                hint=text.help_ru if is_russian else text.help_en,
                shape=_shown_shape(_shape(collection, name), bool(options)),
                choices=options,
            )
        )
    return found


def values_of(entity: Any, names: Sequence[str]) -> dict[str, str]:
    """What the form holds of an entity; a secret is masked."""
    data = to_data(entity, with_secrets=False)
    return _shown_values(data, names)


def blank(collection: str, names: Sequence[str]) -> dict[str, str]:
    """What the form of a new entity holds: the defaults."""
    found: dict[str, Any] = {}
    for name in names:
        field = _entity(collection).__dataclass_fields__[name]
        default = field.default if field.default is not MISSING else ""
        if default == "" and field.default_factory is not MISSING:
            default = field.default_factory()
        found[name] = to_data(default)
    return _shown_values(found, names)


def fill(
    collection: str, data: Mapping[str, Any], names: Sequence[str], values: Mapping[str, str]
) -> dict[str, Any]:
    """Plain data of an entity with what was typed; an untouched secret stays as it is."""
    filled = dict(data)
    for name in names:
        text = values.get(name, "").strip()
        shape = _shape(collection, name)
        if shape == "secret" and text == MASK:
            continue
        if shape == "check":
            filled[name] = values.get(name) == YES
        elif shape == "checks":
            choices = own_choices(collection, name)
            filled[name] = [c for c in choices if values.get(f"{name}.{c}") == YES]
        elif shape == "area":
            filled[name] = _items(text, has_blanks=_kind(collection, name) == "name")
        elif text or shape != "number":
            filled[name] = typed(collection, name, text)
        else:
            filled.pop(name, None)  # an empty figure is the default
    return filled


def typed(collection: str, name: str, text: str) -> str:
    """What the settings keep of a text that was typed into a field."""
    text = text.strip()
    return written.number(text) if _kind(collection, name) == "did" else text


def finder(collection: str, key: str, names: Sequence[str]) -> Any:
    """Path of a problem -> field of the form, for the entity of that key."""

    def find(path: str) -> str:
        starts = (f"{collection}[{key}]", f"{collection}[#", f"{collection}.")
        if not path.startswith(starts):
            return ""
        rest = path.partition("].")[2] or path.partition(".")[2]
        name = rest.partition("[")[0]
        return name if name in names else ""

    return find


def own_choices(collection: str, name: str) -> tuple[str, ...]:
    """What the model lets one choose; empty for a field that is not a choice."""
    entity = _entity(collection)
    kind = field_types(entity)[name]
    kind = item_type(kind) or kind
    if isinstance(kind, type) and issubclass(kind, Enum):
        return tuple(str(member.value) for member in kind)
    return tuple(entity.__dataclass_fields__[name].metadata.get("choices", ()))


def _entity(collection: str) -> Any:
    return COLLECTIONS[collection][0] if collection in COLLECTIONS else SINGLES[collection]


def _shape(collection: str, name: str) -> str:
    entity = _entity(collection)
    kind = field_types(entity)[name]
    if item := item_type(kind):
        is_of_few = isinstance(item, type) and issubclass(item, Enum)
        return "checks" if is_of_few or own_choices(collection, name) else "area"
    if entity.__dataclass_fields__[name].metadata.get("kind") == "secret":
        return "secret"
    if kind is bool:
        return "check"
    return "number" if kind in (int, float) else "text"


def _kind(collection: str, name: str) -> str:
    field = _entity(collection).__dataclass_fields__[name]
    return str(field.metadata.get("kind", "text"))


def _shown_shape(shape: str, has_options: bool) -> str:
    return "select" if has_options and shape != "checks" else shape


def _shown_values(data: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    found = {name: _text(data[name]) for name in names}
    for name in names:
        if isinstance(data[name], list | tuple):
            found |= {f"{name}.{item}": YES for item in data[name]}
    return found


def _items(text: str, *, has_blanks: bool) -> list[str]:
    """The items of a list that was typed, one a line or with commas; names may have blanks."""
    if not has_blanks:
        return text.replace(",", " ").split()
    return [item.strip() for item in text.replace(",", "\n").splitlines() if item.strip()]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return YES if value else ""
    if isinstance(value, list | tuple):
        return "\n".join(str(item) for item in value)
    return str(value)
