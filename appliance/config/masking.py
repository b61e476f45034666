"""Secrets that a file left out: the mask is replaced by what is stored.

PURE. An export without secrets carries codec.MASK in their place; when such a file is read back,
each mask stands for "as it was". Entities are matched by their key field; a renamed extension is
another extension, so its secret must be given.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from appliance.config.codec import MASK, item_path, join
from appliance.config.model import COLLECTIONS, Document
from appliance.errors import Problem


def keep_secrets(document: Document, stored: Document) -> tuple[Document, tuple[Problem, ...]]:
    """document with every mask replaced by the secret of stored; problems where none is stored."""
    problems: list[Problem] = []
    changed: dict[str, Any] = {}
    for name, (entity, key) in COLLECTIONS.items():
        names = [f.name for f in fields(entity) if f.metadata.get("kind") == "secret"]
        if names:
            old = {getattr(item, key): item for item in getattr(stored, name)}
            changed[name] = tuple(
                _keep(item, old.get(getattr(item, key)), names, path, problems)
                for item, path in _with_paths(name, entity, getattr(document, name))
            )
    return replace(document, **changed), tuple(problems)


def _with_paths(name: str, entity: type, items: tuple[Any, ...]) -> list[tuple[Any, str]]:
    return [(item, item_path(name, entity, item, index)) for index, item in enumerate(items)]


def _keep(item: Any, stored: Any, names: list[str], path: str, problems: list[Problem]) -> Any:
    kept = {}
    for name in names:
        if getattr(item, name) != MASK:
            continue
        kept[name] = getattr(stored, name) if stored is not None else ""
        if not kept[name]:
            problems.append(Problem("secret.not_stored", join(path, name)))
    return replace(item, **kept) if kept else item
