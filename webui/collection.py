"""Adding, changing and removing one entity of a collection of the settings. PURE.

For collections whose key is a field of the form: outside numbers, rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from appliance.config.codec import Decoded, decode, to_data
from appliance.config.model import COLLECTIONS, Document
from webui import entity_form


def found(document: Document, collection: str, key: str) -> Any:
    """The entity of a key, or None."""
    key_field = COLLECTIONS[collection][1]
    items = getattr(document, collection)
    return next((item for item in items if getattr(item, key_field) == key), None)


def with_form(
    document: Document, collection: str, key: str, names: Sequence[str], values: Mapping[str, str]
) -> Decoded:
    """The document with the entity of that key as the form says; an empty key adds one."""
    data = to_data(document)
    key_field = COLLECTIONS[collection][1]
    rows = data[collection]
    place = next((i for i, row in enumerate(rows) if row[key_field] == key), len(rows))
    before = rows[place] if key and place < len(rows) else {}
    filled = entity_form.fill(collection, before, names, values)
    data[collection] = [*rows[:place], filled, *rows[place + 1 :]]
    return decode(data)


def without(document: Document, collection: str, key: str) -> Decoded:
    """The document without the entity of that key."""
    data = to_data(document)
    key_field = COLLECTIONS[collection][1]
    data[collection] = [row for row in data[collection] if row[key_field] != key]
    return decode(data)


def raised(document: Document, collection: str, key: str) -> Decoded:
    """The document with the entity one place further up."""
    data = to_data(document)
    key_field = COLLECTIONS[collection][1]
    rows = data[collection]
    place = next((i for i, row in enumerate(rows) if row[key_field] == key), 0)
    if place:
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
    return decode(data)
