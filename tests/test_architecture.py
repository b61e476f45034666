"""The house as docs/architecture.md draws it: who imports whom, sizes, docstrings, whole tables.

Reads source files only (and TABLEs by import). Ranks come from the table in docs/architecture.md,
so that page and check cannot differ. An exemption is a line in this file with its reason.
"""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

PROJECT = Path(__file__).resolve().parents[1]
PACKAGES = ("appliance", "drivers", "webui", "provisioning")
IMPURE = {"asyncio", "socket", "sqlite3", "time", "random", "threading", "secrets"}
MAY_IMPORT = {0: {0}, 1: {0, 1}, 2: {0, 2}, 3: {0, 1, 2, 3}, 4: {0, 1, 2, 3, 4}}
_WORDS = (
    "commands.words",
    "commands.texts",
    "commands.explain_words",
    "commands.line_words",
    "commands.phone_words",
    "commands.phone_sheet_words",
    "commands.line_doctor_words",
    "commands.dhcp_words",
)
_SHARED = (
    "errors",
    "options",
    "durable",
    "call.leg",
    "call.record",
    "net.control_client",
    "phones.box_host",
    "store",
    *_WORDS,
)
OTHER_PROCESSES = {
    "webui": ("config", "routing", *_SHARED),
    "provisioning": ("config", "routing", "errors"),
}

FILE_LINES, C_FILE_LINES, FUNCTION_LINES, CLASS_LINES, PUBLIC_METHODS = 400, 400, 40, 250, 12
#: Classes that may have more public methods, and why.
MANY_METHODS: Mapping[str, str] = {
    "appliance.sip.endpoint.Endpoint": "the facade of the whole SIP core",
    "drivers.api.Port": "the contract of four kinds of hardware",
    "drivers.port_base.BasePort": "refuses every command of the contract",
    "drivers.cellular.port.CellularPort": "the contract, and what its device tells it",
    "drivers.linecard.port.LineCardPort": "the contract, and what its device tells it",
    "appliance.sip.headers.Headers": "an ordered multi-dict: its methods are a vocabulary",
}
#: Files that may be longer, and why.
LONG_FILES: Mapping[str, str] = {}
#: Files that a build makes.
GENERATED = ("appliance/media/native/_core.c",)
DOCSTRING_LINES = range(1, 11)
#: Modules whose docstring may be longer, and why.
LONG_DOCSTRINGS: Mapping[str, str] = {"appliance.errors": "draws the tree of exceptions"}


class Module(NamedTuple):
    name: str  # appliance.sip.uri; a package's __init__ has the package's name
    path: Path
    tree: ast.Module


@cache
def modules() -> tuple[Module, ...]:
    paths = (path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py")))
    return tuple(Module(_name(path), path, ast.parse(path.read_text())) for path in paths)


def _name(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def names() -> frozenset[str]:
    return frozenset(module.name for module in modules())


@cache
def ranks() -> Mapping[str, int]:
    """Name without ``appliance.`` -> rank, of the table in docs/architecture.md."""
    text = (PROJECT / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| ([0-4]) \| (.*?) \|", text, re.MULTILINE)
    found: dict[str, int] = {}
    for rank, cell in rows:
        for group in re.findall(r"`([^`]+)`", cell):
            first, *others = group.split()
            prefix = first.rpartition(".")[0]
            for name in (first, *(f"{prefix}.{other}".lstrip(".") for other in others)):
                assert name not in found, f"{name} stands twice in the table of ranks"
                found[name] = int(rank)
    return found


def rank_of(name: str) -> int | None:
    """The rank by the longest fitting name; the package ``appliance`` itself is 0."""
    inner = name.removeprefix("appliance").lstrip(".")
    if name.startswith("drivers"):
        inner = name
    while inner:
        if inner in ranks():
            return ranks()[inner]
        inner = inner.rpartition(".")[0]
    return 0 if name == "appliance" else None


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """(line, full name) of everything that is imported anywhere in a module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base_of(module, node)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield node.lineno, inner if inner in names() else base


def _base_of(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.name if module.path.name == "__init__.py" else module.name.rpartition(".")[0]
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - node.level + 1], *filter(None, [node.module])])


def _report(problems: list[str]) -> None:
    assert not problems, "\n" + "\n".join(problems)


def test_every_module_has_a_rank() -> None:
    of_ours = (m.name for m in modules() if m.name.startswith(("appliance", "drivers.")))
    _report([name for name in of_ours if rank_of(name) is None])


def test_every_rank_names_something() -> None:
    planned = {"drivers", "drivers.api"}
    known = {name.removeprefix("appliance.") for name in names()}
    _report([name for name in ranks() if name not in known | planned])


def test_imports_go_downwards() -> None:
    problems = []
    for module in modules():
        rank = rank_of(module.name)
        if rank is None or not module.name.startswith("appliance"):
            continue
        for line, name in imports(module):
            theirs = rank_of(name) if name.split(".")[0] in ("appliance", "drivers") else None
            if theirs is not None and theirs not in MAY_IMPORT[rank]:
                problems.append(f"{module.name}:{line} (rank {rank}) imports {name} ({theirs})")
    _report(problems)


def test_pure_ranks_import_nothing_impure() -> None:
    _report(
        [
            f"{module.name}:{line} imports {name}"
            for module in modules()
            if rank_of(module.name) in (0, 1)
            for line, name in imports(module)
            if name.split(".")[0] in IMPURE
        ]
    )


def test_other_processes_import_their_share() -> None:
    problems = []
    for module in modules():
        process = module.name.split(".")[0]
        if process == "appliance":
            continue
        allowed = tuple(f"appliance.{part}" for part in OTHER_PROCESSES.get(process, ()))
        for line, name in imports(module):
            is_theirs = any(name == part or name.startswith(f"{part}.") for part in allowed)
            if name.split(".")[0] in PACKAGES and name.split(".")[0] != process and not is_theirs:
                problems.append(f"{module.name}:{line} imports {name}")
    _report(problems)


def test_the_composition_root_stays_the_root() -> None:
    """Nobody but ``run`` and ``demo`` imports the daemon: programs that ask need not load it."""
    importers = {m.name for m in modules() for _, name in imports(m) if name == "appliance.daemon"}
    assert importers <= {"appliance.commands.run", "appliance.commands.demo"}


def test_files_are_short() -> None:
    kit = sorted((PROJECT / "tests" / "kit").rglob("*.py"))
    problems = []
    for path in [*(module.path for module in modules()), *kit]:
        count = len(path.read_text().splitlines())
        shown = str(path.relative_to(PROJECT))
        if count > FILE_LINES and shown not in LONG_FILES:
            problems.append(f"{shown}: {count} lines")
    for path in sorted(PROJECT.glob("appliance/**/*.[ch]")):
        count = len(path.read_text().splitlines())
        shown = str(path.relative_to(PROJECT))
        if count > C_FILE_LINES and shown not in GENERATED:
            problems.append(f"{shown}: {count} lines")
    _report(problems)


def test_functions_are_short() -> None:
    _report(
        [
            f"{module.name}:{node.lineno} {node.name}: {_length(node)} lines"
            for module in modules()
            for node in ast.walk(module.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and _length(node) > FUNCTION_LINES
        ]
    )


def test_classes_are_small() -> None:
    problems = []
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ClassDef):
                continue
            if _length(node) > CLASS_LINES:
                problems.append(f"{module.name}.{node.name}: {_length(node)} lines")
            public = _public_methods(node)
            if len(public) > PUBLIC_METHODS and f"{module.name}.{node.name}" not in MANY_METHODS:
                problems.append(f"{module.name}.{node.name}: {len(public)} public methods")
    _report(problems)


def _length(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _public_methods(node: ast.ClassDef) -> list[str]:
    """Names of public methods; a property is a fact, not a method."""
    return [
        item.name
        for item in node.body
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)
        and not item.name.startswith("_")
        and not any("property" in ast.unparse(mark) for mark in item.decorator_list)
    ]


def test_every_module_says_what_it_is() -> None:
    problems = []
    for module in modules():
        said = ast.get_docstring(module.tree) or ""
        if len(said.splitlines()) not in DOCSTRING_LINES and module.name not in LONG_DOCSTRINGS:
            problems.append(f"{module.name}: a docstring of {len(said.splitlines())} lines")
    _report(problems)


def test_pure_modules_say_so() -> None:
    """Rank 0 and 1 modules with code in them begin with what they are: PURE."""
    _report(
        [
            module.name
            for module in modules()
            if rank_of(module.name) in (0, 1)
            and module.path.name != "__init__.py"
            and "PURE" not in (ast.get_docstring(module.tree) or "")
        ]
    )


def test_pure_modules_keep_no_state() -> None:
    """No list, dict or set in a module-level name that is not a constant."""
    problems = []
    for module in modules():
        if rank_of(module.name) not in (0, 1):
            continue
        for node in module.tree.body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            if isinstance(node, ast.AnnAssign):
                targets = [node.target]
            for target in targets:
                value = getattr(node, "value", None)
                if isinstance(target, ast.Name) and _is_mutable(value) and _is_lower(target.id):
                    problems.append(f"{module.name}:{node.lineno} {target.id}")
    _report(problems)


def _is_lower(name: str) -> bool:
    return name != name.upper() and name != "__all__"


def _is_mutable(value: ast.expr | None) -> bool:
    literal = ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in ("list", "dict", "set", "defaultdict", "deque", "bytearray")
    return isinstance(value, literal)


def _table_modules() -> list[str]:
    return [
        module.name
        for module in modules()
        for node in module.tree.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == "TABLE"
        and "State" in ast.unparse(node.annotation)
    ]


@pytest.mark.parametrize("name", _table_modules())
def test_tables_of_states_are_whole(name: str) -> None:
    """Every state, every kind and every input stands in the table; nothing stands after the end.

    Which pairs cannot happen is told and proved by the module's own test.
    """
    keys = list(importlib.import_module(name).TABLE)
    for column in zip(*keys, strict=True):
        if isinstance(column[0], Enum):
            missing = set(type(column[0])) - set(column)
            assert {member.name for member in missing} <= {"TERMINATED", "ENDED", "FINISHED"}
    mirror = PROJECT / "tests" / Path(*name.split(".")[1:-1]) / f"test_{name.split('.')[-1]}.py"
    assert "TABLE" in mirror.read_text(), f"{mirror.relative_to(PROJECT)} proves the table total"


def test_only_durable_renames() -> None:
    """Whatever is moved into its place is moved by the one helper that fsyncs file and folder."""
    problems = []
    for path in (module.path for module in modules()):
        if path == PROJECT / "appliance" / "durable.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _is_rename(node):
                problems.append(f"{path.relative_to(PROJECT)}:{node.lineno} {ast.unparse(node)}")
    _report(problems)


@pytest.mark.parametrize(
    ("text", "is_rename"),
    [
        ("os.rename(a, b)", True),
        ("os.replace(a, b)", True),
        ("shutil.move(a, b)", True),
        ("draft.rename(path)", True),
        ("draft.replace(path)", True),
        ("path.write_text(text)", True),
        ("path.write_bytes(octets)", True),
        ('open(path, "w")', True),
        ('path.open("ab")', True),
        ("path.open()", False),
        ('text.replace("a", "b")', False),
        ("moment.replace(tzinfo=zone)", False),
        ("replace(entity, name=name)", False),
    ],
)
def test_what_is_a_rename(text: str, is_rename: bool) -> None:
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call) and _is_rename(call) is is_rename


def _is_rename(node: ast.Call) -> bool:
    """A rename, or a file written in place: str.replace has two arguments, Path.replace one."""
    called = ast.unparse(node.func)
    if called in ("os.rename", "os.renames", "os.replace", "shutil.move"):
        return True
    method = called.rpartition(".")[2] if isinstance(node.func, ast.Attribute) else ""
    if method in ("rename", "replace"):
        return len(node.args) == 1 and not node.keywords
    if method in ("write_text", "write_bytes"):
        return True
    texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
    mode = texts[-1] if called.rpartition(".")[2] == "open" and texts else ""
    return isinstance(mode, str) and set(mode) <= set("rwaxbt+") and bool(set(mode) & set("wax"))


def test_tests_do_not_sleep() -> None:
    """Time is virtual; only the kit polls real programs (wait_until)."""
    problems = []
    for path in sorted((PROJECT / "tests").rglob("*.py")):
        if path.is_relative_to(PROJECT / "tests" / "kit") and not path.name.startswith("test_"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and _is_sleep(node):
                problems.append(f"{path.relative_to(PROJECT)}:{node.lineno} {ast.unparse(node)}")
    _report(problems)


def _is_sleep(node: ast.Call) -> bool:
    called = ast.unparse(node.func)
    if called not in ("time.sleep", "asyncio.sleep", "sleep"):
        return False
    return not (node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0)
