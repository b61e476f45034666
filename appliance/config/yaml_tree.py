"""YAML text to plain data with the line of every value; nothing is guessed, nothing is executed.

PURE but for the YAML parser, which gives events only. Every scalar stays text (an empty one, ``~``
and ``null`` are None), so that ``0``, ``+7495`` or ``yes`` mean what they say; the codec knows the
type. Refused: keys given twice, anchors and aliases, tags, deep nesting, several documents.
Reading goes on after such an error, so that all of them are named at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from appliance.errors import Problem

DEEPEST = 12
_HOPELESS = 100  # deeper than that is an attack or noise: the rest is not read
_NULLS = ("", "~", "null", "Null", "NULL")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Tree:
    """What a text held: plain data, the line (from 1) of each path of keys and places, problems."""

    data: Any = None
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def parse_tree(text: str) -> Tree:
    """The Tree of a YAML text; broken YAML gives a Tree without data and its problem."""
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
            if reader.is_hopeless:
                break
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        reason = " ".join(filter(None, (error.context, error.problem)))
        reader.complain("file.not_yaml", line, reason=reason)
    except yaml.YAMLError as error:  # a character that YAML forbids
        reader.complain("file.not_yaml", 1, reason=" ".join(str(error).split()))
    return reader.tree


@dataclass(slots=True)
class _Level:
    """A mapping or list that is being read."""

    value: Any
    path: tuple[str | int, ...]
    key: str | None = None  # of a mapping: the key whose value comes next
    is_key_next: bool = True


class _Reader:
    """Builds the tree from the parser's events, one at a time."""

    def __init__(self) -> None:
        self.tree = Tree()
        self._levels: list[_Level] = []
        self._documents = 0
        self._too_deep = 0  # open collections below the deepest allowed

    @property
    def is_hopeless(self) -> bool:
        """True when reading on would only cost time: the parser's goes with the square of depth."""
        return self._too_deep > _HOPELESS

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the stream."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self.complain("file.many_documents", line)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._open(event, line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._close()
        elif isinstance(event, yaml.ScalarEvent):
            self._check_marks(event, line)
            is_null = event.style is None and event.value in _NULLS
            self._place(None if is_null else event.value, line)
        elif isinstance(event, yaml.AliasEvent):
            self.complain("file.alias", line)
            self._place(None, line)

    def complain(self, key: str, line: int, **params: str) -> None:
        """Note a problem of the file at a line."""
        self.tree.problems.append(Problem(key, "", {**params, "line": str(line)}))

    def _open(self, event: Any, line: int) -> None:
        self._check_marks(event, line)
        if self._too_deep or len(self._levels) >= DEEPEST:
            if not self._too_deep:
                self.complain("file.too_deep", line, limit=str(DEEPEST))
            self._too_deep += 1
            return
        value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        path = self._place(value, line)
        self._levels.append(_Level(value, path))

    def _close(self) -> None:
        if not self._too_deep:
            self._levels.pop()
            return
        self._too_deep -= 1
        if not self._too_deep:
            self._place(None, 0)

    def _check_marks(self, event: Any, line: int) -> None:
        if event.anchor:
            self.complain("file.alias", line)
        if event.tag is not None and event.tag != "!":
            self.complain("file.tag", line, name=event.tag[:40])

    def _place(self, value: Any, line: int) -> tuple[str | int, ...]:
        """Put a value where it belongs; gives its path."""
        if self._too_deep:
            return ()
        if not self._levels:
            if self._documents == 1:
                self.tree.data = value
            return ()
        level = self._levels[-1]
        if isinstance(level.value, list):
            return self._place_item(level, value, line)
        if level.is_key_next:
            return self._place_key(level, value, line)
        level.is_key_next = True
        if level.key is None:
            return level.path
        level.value[level.key] = value
        return (*level.path, level.key)

    def _place_item(self, level: _Level, value: Any, line: int) -> tuple[str | int, ...]:
        level.value.append(value)
        path = (*level.path, len(level.value) - 1)
        self.tree.lines[path] = line
        return path

    def _place_key(self, level: _Level, key: Any, line: int) -> tuple[str | int, ...]:
        level.is_key_next = False
        level.key = None
        if not isinstance(key, str):
            self.complain("file.key_not_text", line)
            return level.path
        path = (*level.path, key)
        if key in level.value:
            first = str(self.tree.lines.get(path, line))
            self.complain("file.duplicate_key", line, name=key[:40], first=first)
            return level.path
        level.key = key
        self.tree.lines[path] = line
        return path
