"""Gives dataclasses methods of their own in the copy of the sources that is compiled.

PURE. mypyc compiles what stands in a class; what ``dataclasses`` makes at run time stays
interpreted, takes a third of a millisecond a class at each start, and a call makes some 120 small
records. A constructor, and the tuple by which records are compared (appliance/native_record.py),
take the two blank lines behind a class, so that every traceback still names the right line. A
compiled record can be changed from uncompiled code; mypy and the uncompiled runs hold who would.
"""

from __future__ import annotations

import ast
import re

_SKIPPED_MARKS = ("ClassVar", "InitVar")
_BASES = "appliance.native_record"
_Field = tuple[str, str, str, str]  # name, type, default or empty, what makes one or empty


def rewrite(source: str) -> str:
    """The same module with a written-out constructor in each plain dataclass."""
    lines = source.split("\n")
    tree, is_based = ast.parse(source), False
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and (mark := _mark(node)) is not None:
            fields = _fields(node, source)
            end = node.end_lineno or 0
            if fields and end < len(lines) and not lines[end]:
                lines[end] = "    " + _constructor(fields, _is_keyword_only(mark))
                base = _base(mark) if lines[end + 1 : end + 2] == [""] else ""
                if base:
                    is_based = True
                    lines[node.lineno - 1] = f"class {node.name}({base}):"
                    lines[end + 1] = "    " + _held(fields)
                lines[mark.lineno - 1] = f"@dataclass({_options(mark, is_based=bool(base))})"
    if is_based:
        lines[_import_of_dataclass(tree)] += f"; from {_BASES} import MutableRecord, Record"
    return "\n".join(lines)


def _import_of_dataclass(tree: ast.Module) -> int:
    """The place of the line where that import ends."""
    return next(
        (node.end_lineno or 1) - 1
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == "dataclasses"
    )


def _mark(node: ast.ClassDef) -> ast.expr | None:
    """The ``@dataclass`` of a class that derives from nothing and has no constructor's hook."""
    has_hook = any(
        isinstance(item, ast.FunctionDef) and item.name in ("__init__", "__post_init__", "__new__")
        for item in node.body
    )
    if node.bases or has_hook or len(node.decorator_list) != 1:
        return None
    mark = node.decorator_list[0]
    is_one_line = mark.lineno == mark.end_lineno
    return mark if is_one_line and ast.unparse(mark).startswith("dataclass") else None


def _fields(node: ast.ClassDef, source: str) -> list[_Field]:
    """Each of them; nothing when one is out of the ordinary."""
    found: list[_Field] = []
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            text = ast.get_source_segment(source, item) or ""
            if any(mark in text for mark in _SKIPPED_MARKS):
                return []
            default = ast.unparse(item.value) if item.value is not None else ""
            made = re.fullmatch(r"field\(default_factory=([A-Za-z_.]+)\)", default)
            if made is None and default.startswith("field("):
                return []
            kind = ast.unparse(item.annotation)
            found.append((item.target.id, kind, "" if made else default, made[1] if made else ""))
    return found


def _options(mark: ast.expr, *, is_based: bool) -> str:
    """Those of the decorator, without what is written out. Slots are for uncompiled classes: of a
    compiled one they would only make a second class, which nobody uses."""
    options = {k.arg: ast.unparse(k.value) for k in getattr(mark, "keywords", [])}
    is_frozen = options.pop("frozen", "False") == "True"
    options.pop("kw_only", None)
    options.pop("slots", None)
    if is_based:
        options |= {"eq": "False", "repr": "False"}
    elif is_frozen and options.get("eq") != "False":
        options["unsafe_hash"] = "True"
    options["init"] = "False"
    return ", ".join(f"{name}={value}" for name, value in options.items())


def _base(mark: ast.expr) -> str:
    """What a record stands on; nothing for one that is equal to itself alone."""
    options = {k.arg: ast.unparse(k.value) for k in getattr(mark, "keywords", [])}
    if not options.keys() <= {"frozen", "slots", "kw_only"}:
        return ""
    return "Record" if options.get("frozen") == "True" else "MutableRecord"


def _is_keyword_only(mark: ast.expr) -> bool:
    return any(k.arg == "kw_only" for k in getattr(mark, "keywords", []))


def _constructor(fields: list[_Field], is_keyword_only: bool) -> str:
    """What is made anew for each record stands as None in the constructor's parameters."""
    given = [
        f"{name}: {kind} | None = None" if made else f"{name}: {kind}" + (value and f" = {value}")
        for name, kind, value, made in fields
    ]
    if is_keyword_only:
        given.insert(0, "*")
    stores = "; ".join(
        f"self.{name} = {made}() if {name} is None else {name}" if made else f"self.{name} = {name}"
        for name, _, _, made in fields
    )
    return f"def __init__(self, {', '.join(given)}) -> None: {stores}"


def _held(fields: list[_Field]) -> str:
    """What is compared, and shown."""
    values = "".join(f"self.{name}, " for name, *_ in fields)
    return f"def _held(self) -> tuple[object, ...]: return ({values})"
