"""What changed between two documents, field by field, in words that may be shown to anybody.

PURE. Entities are matched by their key, so that a moved one is not a changed one; a new order is a
change of its own because rules are tried in order. Secrets never appear: both sides are masked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from appliance.config.codec import MASK, join, to_data
from appliance.config.model import COLLECTIONS, SINGLES, Document
from appliance.config.texts import place_text

#: The path of a collection whose order changed ends so.
ORDER = "order"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: before is None for something new, after for something removed.

    path: ``trunks[mango].host``, ``extensions[2001]`` for a whole entity, ``rules.order``.
    """

    path: str
    before: Any
    after: Any


def changes(old: Document, new: Document) -> tuple[Change, ...]:
    """Every difference, in the order of the document."""
    found: list[Change] = []
    for name in SINGLES:
        found += _entity_changes(getattr(old, name), getattr(new, name), name)
    for name, (_, key) in COLLECTIONS.items():
        found += _collection_changes(getattr(old, name), getattr(new, name), name, key)
    return tuple(found)


def describe(change: Change, language: str) -> str:
    """A change as one line: ``Trunk mango, Server: a.example → b.example``."""
    ru = language == "ru"
    if change.path.endswith(f".{ORDER}"):
        place = place_text(change.path.removesuffix(f".{ORDER}"), language)
        word = "порядок" if ru else "order"
        return f"{place}, {word}: {value_text(change.before)} → {value_text(change.after)}"
    place = place_text(change.path, language)
    if change.before is None:
        return f"{place}: {'добавлено' if ru else 'added'}"
    if change.after is None:
        return f"{place}: {'удалено' if ru else 'removed'}"
    if MASK in (change.before, change.after):
        return f"{place}: {'изменено' if ru else 'changed'}"
    return f"{place}: {value_text(change.before)} → {value_text(change.after)}"


def _collection_changes(
    old: tuple[Any, ...], new: tuple[Any, ...], name: str, key: str
) -> Iterator[Change]:
    before = {getattr(item, key): item for item in old}
    after = {getattr(item, key): item for item in new}
    for item_key, item in before.items():
        path = f"{name}[{item_key}]"
        if item_key in after:
            yield from _entity_changes(item, after[item_key], path)
        else:
            yield Change(path, to_data(item, with_secrets=False), None)
    for item_key, item in after.items():
        if item_key not in before:
            yield Change(f"{name}[{item_key}]", None, to_data(item, with_secrets=False))
    kept_before = [k for k in before if k in after]
    kept_after = [k for k in after if k in before]
    if kept_before != kept_after:
        yield Change(f"{name}.{ORDER}", kept_before, kept_after)


def _entity_changes(old: Any, new: Any, path: str) -> Iterator[Change]:
    if old == new:
        return
    for field in fields(old):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before == after:
            continue
        where = join(path, field.name)
        if field.metadata.get("kind") == "secret":
            yield Change(where, MASK if before else "", MASK if after else "")
        else:
            yield Change(where, to_data(before), to_data(after))


def value_text(value: Any) -> str:
    """A value of a change in a line of text; an empty one shows as a dash."""
    if isinstance(value, list):
        return ", ".join(value_text(item) for item in value) or "—"
    if isinstance(value, dict):
        return " ".join(f"{name}={value_text(item)}" for name, item in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if value != "" else "—"
