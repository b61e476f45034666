"""Marks what a module names once as ``Final`` in the copy of the sources that is compiled.

PURE. mypyc keeps a final name in a variable of C; any other it looks up in the module's dictionary
each time that it is read, a thousand times a call. Plain figures and texts stay as they are, so
that a test can put another limit in their place; tables and the like of a compiled module it can
fill, and not replace. Lines keep their numbers, so that every traceback names the right one.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

#: Constants and things such as loggers; names of types are written otherwise.
_NAME = re.compile(r"_?(?:[A-Z][A-Z0-9_]+|[a-z][a-z0-9_]+)")
_FUTURE = "from __future__ import annotations"
_KINDS_OF_TYPES = frozenset({"TypeVar", "ParamSpec", "NewType", "NamedTuple"})
Edit = tuple[int, int, str]  # line from 0, octet of the line, what is put there


def rewrite(source: str) -> str:
    """The same module with its constants final."""
    tree = ast.parse(source)
    edits = sorted(_edits(tree), reverse=True)
    lines = source.split("\n")
    if not edits or _FUTURE not in lines:
        return source
    for number, octet, text in edits:
        line = lines[number].encode()
        lines[number] = (line[:octet] + text.encode() + line[octet:]).decode()
    lines[lines.index(_FUTURE)] += "; from typing import Final"
    return "\n".join(lines)


def _edits(tree: ast.Module) -> Iterator[Edit]:
    times = Counter(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name) as target], value=value):
                if _is_constant(name, times) and not _is_left(value):
                    yield target.lineno - 1, target.end_col_offset or 0, ": Final"
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                said = node.annotation
                if _is_constant(name, times) and not _is_left(value):
                    yield said.lineno - 1, said.col_offset, "Final["
                    yield (said.end_lineno or 0) - 1, said.end_col_offset or 0, "]"


def _is_constant(name: str, times: Counter[str]) -> bool:
    return bool(_NAME.fullmatch(name)) and times[name] == 1


def _is_left(value: ast.expr) -> bool:
    """Whether this is a figure, a text, or makes a type."""
    if isinstance(value, ast.Constant):
        return True
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(called, ast.Name) and called.id in _KINDS_OF_TYPES
