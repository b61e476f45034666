"""Keys that must be unique, names that must lead somewhere, and ways that are switched off.

PURE. What refers to what is read from ``refers`` in the metadata of model.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from appliance.config.codec import item_path, join
from appliance.config.model import COLLECTIONS, SINGLES, Document, Line, Trunk
from appliance.errors import Problem

Keys = Mapping[str, frozenset[str]]


def entities(document: Document) -> Iterator[tuple[str, Any]]:
    """Every entity of a document with its path."""
    for name in SINGLES:
        yield name, getattr(document, name)
    for name, (kind, _) in COLLECTIONS.items():
        for index, item in enumerate(getattr(document, name)):
            yield item_path(name, kind, item, index), item


def check_references(document: Document) -> Iterator[Problem]:
    """Duplicate keys and dangling references."""
    yield from _check_duplicates(document)
    keys = {
        name: frozenset(getattr(item, key) for item in getattr(document, name))
        for name, (_, key) in COLLECTIONS.items()
    }
    for path, entity in entities(document):
        yield from _check_entity(entity, path, keys)


def check_switched_off(document: Document) -> Iterator[Problem]:
    """Warnings: entities in use that lead to something disabled."""
    tables = {
        name: {getattr(item, key): item for item in getattr(document, name)}
        for name, (_, key) in COLLECTIONS.items()
    }
    for path, entity in entities(document):
        if not getattr(entity, "is_enabled", True):
            continue
        for name, collections, value in _references(entity):
            found = (tables[collection].get(value) for collection in collections.split())
            target = next((item for item in found if item is not None), None)
            if target is not None and not getattr(target, "is_enabled", True):
                is_trunk = isinstance(target, Trunk | Line)
                key = "reference.trunk_disabled" if is_trunk else "reference.disabled"
                yield Problem(key, join(path, name), {"value": value}, is_warning=True)


def _check_duplicates(document: Document) -> Iterator[Problem]:
    for name, (kind, key_field) in COLLECTIONS.items():
        seen = set()
        for index, item in enumerate(getattr(document, name)):
            key = getattr(item, key_field)
            if key in seen:
                path = join(item_path(name, kind, item, index), key_field)
                yield Problem("key.duplicate", path, {"value": key})
            seen.add(key)


def _check_entity(entity: Any, path: str, keys: Keys) -> Iterator[Problem]:
    for name, collections, value in _references(entity):
        if not any(value in keys[collection] for collection in collections.split()):
            params = {"value": value, "collection": collections.replace(" ", ", ")}
            yield Problem("reference.dangling", join(path, name), params)


def _references(entity: Any) -> Iterator[tuple[str, str, str]]:
    """(field, collections, key) of every reference that an entity makes; empty ones left out."""
    for field in fields(entity):
        if collections := field.metadata.get("refers"):
            value = getattr(entity, field.name)
            for key in value if isinstance(value, tuple) else (value,):
                if key:
                    yield field.name, collections, key
