"""The compiled build: never used when it is out of date, and what compiles must mean the same."""

from __future__ import annotations

import ast
import builtins
import importlib
import os
import re
import shutil
import subprocess
import sys
from abc import ABCMeta
from dataclasses import replace
from pathlib import Path

import pytest

import appliance
from appliance.sip.events import Hop, Transport

PACKAGE = Path(appliance.__file__).parent
ASK = "import appliance; print(appliance.IS_COMPILED, appliance.fingerprint())"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package with its sources, and a build that says that it was made of them."""
    native = (*appliance.NATIVE, *appliance.NATIVE_HEADERS)
    for path in [*appliance.sources(), *(PACKAGE / name for name in native)]:
        made = tmp_path / "appliance" / path.relative_to(PACKAGE)
        made.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, made)
    shutil.copy(PACKAGE / "__init__.py", tmp_path / "appliance")
    build = tmp_path / "appliance" / "_compiled"
    build.mkdir()
    (build / "made-of").write_text(ask(tmp_path)[1])
    return tmp_path


def ask(folder: Path, before: str = "", **more: str) -> tuple[str, str]:
    """Whether the build is used, and the fingerprint. before: statements for the interpreter."""
    environ = {name: value for name, value in os.environ.items() if name != "DOZVON_COMPILED"}
    said = subprocess.run(
        [sys.executable, "-c", before + ASK],
        cwd=folder,
        env=environ | more,
        capture_output=True,
        text=True,
    )
    is_compiled, _, print_ = said.stdout.strip().partition(" ")
    return is_compiled, print_


def test_a_build_of_these_sources_is_used(copy: Path) -> None:
    assert ask(copy)[0] == "True"
    assert ask(copy, DOZVON_COMPILED="0")[0] == "False"


def test_after_an_edit_the_sources_run(copy: Path) -> None:
    with (copy / "appliance" / "sip" / "uri.py").open("a") as file:
        file.write("\n")
    assert ask(copy)[0] == "False"


def test_an_update_of_the_interpreter_leaves_the_build_in_use(copy: Path) -> None:
    """Of the same binary interface; one of another has another suffix."""
    updated = "import sys; sys.version = '3.11.99 (a security update)'; "
    assert ask(copy, updated)[0] == "True"
    other = "import importlib.machinery as m; m.EXTENSION_SUFFIXES[0] = '.cpython-399.so'; "
    assert ask(copy, other)[0] == "False"


@pytest.mark.parametrize("change", ["added", "taken away", "no note"])
def test_a_build_of_other_files_is_not_used(copy: Path, change: str) -> None:
    if change == "added":
        (copy / "appliance" / "sip" / "one_more.py").write_text("")
    elif change == "taken away":
        (copy / "appliance" / "sip" / "uri.py").unlink()
    else:
        (copy / "appliance" / "_compiled" / "made-of").unlink()
    assert ask(copy)[0] == "False"


def test_a_caught_error_has_one_type_under_one_name() -> None:
    """mypyc gives a name one type in a function: a second kind of error would not fit into it."""
    problems = [
        f"{path.relative_to(PACKAGE)}: {function.name} catches {sorted(kinds)} as {name}"
        for path in appliance.sources()
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for name, kinds in caught(function).items()
        if len(kinds) > 1
    ]
    assert not problems, "\n".join(problems)


def caught(function: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, set[str]]:
    """Name -> what is caught under it."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.ExceptHandler) and node.name and node.type is not None:
            found.setdefault(node.name, set()).add(ast.unparse(node.type))
    return found


def test_coroutines_are_not_compiled() -> None:
    """What asyncio hands over is not always of the type that it is said to be (gather: a list)."""
    compiled = {
        str(path.relative_to(PACKAGE))
        for path in appliance.sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.AsyncFunctionDef)
    }
    assert not compiled


_ENDLESS = frozenset({"count", "cycle", "repeat", "iter"})


def test_no_endless_generator_expression_is_compiled() -> None:
    """mypyc makes a list of it first."""
    endless = {
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in appliance.sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.GeneratorExp)
        for source in node.generators
        if isinstance(source.iter, ast.Call)
        if ast.unparse(source.iter.func).rpartition(".")[2] in _ENDLESS
    }
    assert not endless


#: Builtin types that mypyc finds by itself; any other it looks for in the module, at its import.
_FOUND = frozenset({"int", "float", "bool", "str", "bytes"})


def test_records_name_no_builtin_type_that_the_compiler_does_not_find() -> None:
    """A field of type ``object`` compiles, and breaks the import of its module."""
    problems = [
        f"{path.relative_to(PACKAGE)}:{field.lineno}: {ast.unparse(field)}"
        for path in appliance.sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and "dataclass" in ast.unparse(node)[:400]
        for field in node.body
        if isinstance(field, ast.AnnAssign) and isinstance(field.annotation, ast.Name)
        if hasattr(builtins, field.annotation.id) and field.annotation.id not in _FOUND
    ]
    assert not problems, "\n".join(problems)


#: By these Python lends memory to C, or speaks to the media core, which keeps what it is lent.
_LENDING = frozenset({"cffi", "ctypes", "appliance.media.native._core"})


def test_nothing_that_lends_memory_to_c_is_compiled() -> None:
    """A compiled function lets go of a local after its last use: what ffi.new made, and a C struct
    points to, would be gone before C reads it."""
    lenders = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in appliance.sources()
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported(node)
        if name in _LENDING
    ]
    assert not lenders


def test_no_compiled_class_stands_on_an_interpreted_one_with_fields() -> None:
    """mypyc lays its own fields over the place where CPython keeps the attributes of the other: the
    first garbage collection after such an object is gone reads freed memory."""
    names = [_module_name(path) for path in appliance.sources()]
    problems = [
        f"{name}.{kind.__name__} stands on {base.__module__}.{base.__name__}"
        for name in names
        for kind in vars(importlib.import_module(name)).values()
        if isinstance(kind, type) and kind.__module__ == name and type(kind) in (type, ABCMeta)
        if not issubclass(kind, BaseException)
        for base in kind.__mro__[1:]
        if base.__module__ not in names and base.__dictoffset__
    ]
    assert not problems, "\n".join(problems)


def _module_name(path: Path) -> str:
    return ".".join(("appliance", *path.relative_to(PACKAGE).with_suffix("").parts))


def imported(node: ast.AST) -> list[str]:
    """The modules that a statement imports, or may: of a package it may take a module."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


@pytest.mark.skipif(not appliance.IS_COMPILED, reason="looks at the build")
def test_what_only_errors_reach_stands_apart() -> None:
    """scripts/compact.h names mypyc's functions: an update that renames one costs speed alone,
    and nothing else would tell."""
    [build] = appliance.BUILD.glob("appliance__mypyc*.so")
    assert build.read_bytes().count(b".cold\0") > 1000


@pytest.mark.skipif(not appliance.IS_COMPILED, reason="looks at the build")
def test_names_of_modules_are_remembered() -> None:
    """scripts/native_names.py knows how mypyc writes a look-up: another way costs speed alone."""
    [build] = appliance.BUILD.glob("appliance__mypyc*.so")
    symbols = build.read_bytes()
    assert b"\0box_global\0" in symbols and b"\0box_attribute\0" in symbols
    of_the_busiest_file = len(re.findall(rb"\0seen\.\d+", symbols))  # equal names are kept once
    assert of_the_busiest_file > 100


def test_a_compiled_record_is_compared_and_shown_as_any_other() -> None:
    """Of compiled rooms too, where neither stands on methods that ``dataclass`` makes."""
    one, other = Hop(Transport.UDP, "a", 5060), Hop(Transport.UDP, "a", 5060)
    assert one == other and hash(one) == hash(other) and one != replace(one, port=1)
    assert one != ("udp", "a", 5060, 0) and one in {other}
    assert repr(one) == "Hop(transport=<Transport.UDP: 'UDP'>, host='a', port=5060, connection=0)"
