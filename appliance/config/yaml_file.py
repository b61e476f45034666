"""One YAML file for the whole configuration: export and import.

What is read is data of a stranger until every check has passed, and is refused whole with all its
problems, each with its line; without a section ``classes`` the factory ones hold. An export lists
every field in the order of model.py, so that two of them differ only where settings differ;
comments are not kept. Secrets are written only on request; a mask read back keeps the stored one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from appliance.config.checking import problems_of
from appliance.config.codec import decode, item_path, join, to_data
from appliance.config.formats import FORMAT, upgrade
from appliance.config.masking import keep_secrets
from appliance.config.model import COLLECTIONS, Document
from appliance.config.presets import factory_document
from appliance.config.yaml_tree import Tree, parse_tree
from appliance.errors import ConfigErrors, Problem

LARGEST_OCTETS = 1024 * 1024
_HEADERS = {
    "ru": "# Настройки Dozvon. Применить: dozvon config apply ФАЙЛ\n",
    "en": "# Settings of Dozvon. Apply with: dozvon config apply FILE\n",
}


@dataclass(frozen=True, slots=True)
class Imported:
    """A file that may be saved, and the warnings to show first."""

    document: Document
    warnings: tuple[Problem, ...]


def format_yaml(document: Document, *, with_secrets: bool = False) -> str:
    """The document as the text of a YAML file, UTF-8 when written."""
    data = {"format": FORMAT, **to_data(document, with_secrets=with_secrets)}
    body = yaml.dump(data, Dumper=yaml.SafeDumper, sort_keys=False, allow_unicode=True, width=1000)
    return _HEADERS.get(document.site.language, _HEADERS["en"]) + str(body)


def parse_yaml(content: bytes, stored: Document) -> Imported:
    """The document of a file, checked; ConfigErrors with every problem, warnings among them.

    stored: what is in force, whose secrets stand behind masks.
    """
    tree = _read(content)
    data, document, problems = _decode(tree)
    document, unmasked = keep_secrets(document, stored)
    problems += unmasked
    broken = _Broken(p.path for p in problems)
    problems += [p for p in problems_of(document) if not broken.covers(p.path)]
    placed = _with_lines(problems, tree.lines, data)
    if any(not p.is_warning for p in placed):
        raise ConfigErrors(placed)
    return Imported(document, placed)


def read_yaml(path: Path, stored: Document | None = None) -> Document:
    """The checked document of a file; ConfigErrors with all its problems, or ``file.unreadable``.

    stored: whose secrets stand behind masks; without it a mask is a problem.
    """
    return parse_yaml(read_octets(path), stored or Document()).document


def read_octets(path: Path) -> bytes:
    """The content of a file as far as a configuration may be long, and one octet more."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_OCTETS + 1)
    except OSError as error:
        params = {"name": str(path), "reason": error.strerror or str(error)}
        raise ConfigErrors((Problem("file.unreadable", "", params),)) from error


def _read(content: bytes) -> Tree:
    """The tree of a file; ConfigErrors when there is nothing that could be looked at further."""
    if len(content) > LARGEST_OCTETS:
        params = {"limit": str(LARGEST_OCTETS // 1024)}
        raise ConfigErrors((Problem("file.too_large", "", params),))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigErrors((Problem("file.not_utf8", ""),)) from None
    tree = parse_tree(text)
    if any(p.key == "file.not_yaml" for p in tree.problems):
        raise ConfigErrors(tuple(tree.problems))
    if tree.data is None:
        raise ConfigErrors((*tree.problems, Problem("file.empty", "")))
    return tree


def _decode(tree: Tree) -> tuple[Any, Document, list[Problem]]:
    """Data of the present format, the document as far as it could be made, problems so far."""
    data = tree.data
    if isinstance(data, dict):
        number = data.pop("format", str(FORMAT))
        is_figure = isinstance(number, str) and number.isdecimal() and len(number) < 6
        data = upgrade(data, int(number) if is_figure else 0)
    decoded = decode(data)
    document = decoded.document
    if isinstance(data, dict) and "classes" not in data:
        document = replace(document, classes=factory_document().classes)
    return data, document, [*tree.problems, *decoded.problems]


class _Broken:
    """Places that could not be read. What a long file asks of each of its places does not grow
    with the number of the broken ones."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = {path for path in paths if path}
        self._lengths = {len(path) for path in self._paths}
        self._in_order = sorted(self._paths)

    def covers(self, path: str) -> bool:
        """Whether a problem only follows from such a place: it holds a default, or its list lost
        an item."""
        return self._is_within_one(path) or self._has_lost_an_item(path)

    def _is_within_one(self, path: str) -> bool:
        ends = (n for n in self._lengths if n == len(path) or path[n : n + 1] in (".", "["))
        return any(path[:end] in self._paths for end in ends)

    def _has_lost_an_item(self, path: str) -> bool:
        item = f"{path}[#"
        place = bisect_left(self._in_order, item)
        return place < len(self._in_order) and self._in_order[place].startswith(item)


def _with_lines(
    problems: list[Problem], lines: Mapping[tuple[str | int, ...], int], data: Any
) -> tuple[Problem, ...]:
    """The problems with the line of their place, or of what it stands in, in order of lines."""
    places = _places(data, lines)
    placed = []
    for problem in problems:
        line = problem.params.get("line") or places.get(_nearest(problem.path, places), "")
        params = {**problem.params, "line": str(line)} if line else problem.params
        placed.append(replace(problem, params=params))
    return tuple(sorted(placed, key=lambda p: int(p.params.get("line", "0"))))


def _places(data: Any, lines: Mapping[tuple[str | int, ...], int]) -> dict[str, int]:
    """The same lines by the paths that problems use."""
    return {_named(keys, data): line for keys, line in lines.items()}


def _named(keys: tuple[str | int, ...], data: Any) -> str:
    path = ""
    for depth, key in enumerate(keys):
        if isinstance(key, str):
            path = join(path, key)
            data = data.get(key) if isinstance(data, dict) else None
        else:
            data = data[key] if isinstance(data, list) and key < len(data) else None
            entity = COLLECTIONS[path][0] if depth == 1 and path in COLLECTIONS else None
            path = item_path(path, entity, data, key)
    return path


def _nearest(path: str, places: Mapping[str, int]) -> str:
    """The path itself or the nearest one above it that has a line."""
    while path and path not in places:
        cut = max(path.rfind("."), path.rfind("["))
        path = path[:cut] if cut > 0 else ""
    return path
