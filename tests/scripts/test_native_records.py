"""What the compiled build makes of dataclasses: the same records, on the same lines."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))

from native_records import rewrite  # noqa: E402

RECORD = '''from dataclasses import dataclass, field

@dataclass(frozen=True, slots=True)
class Hop:
    """One."""

    host: str
    port: int = 5060

    @property
    def shown(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(slots=True, eq=False, kw_only=True)
class Options:
    first: str
    second: tuple[int, ...] = ()


@dataclass(slots=True)
class Queue:
    items: list[int] = field(default_factory=list)


last = 1
'''


def made_of(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": __name__}
    exec(compile(text, "record.py", "exec"), names)
    return names


@pytest.fixture
def uncompiled_bases(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is executed here cannot stand on compiled classes."""
    bases = ModuleType("appliance.native_record")
    exec((ROOT / "appliance" / "native_record.py").read_text(), bases.__dict__)
    monkeypatch.setitem(sys.modules, bases.__name__, bases)


@pytest.mark.usefixtures("uncompiled_bases")
def test_a_record_is_made_as_before() -> None:
    for names in (made_of(RECORD), made_of(rewrite(RECORD))):
        hop = names["Hop"]("a")
        assert (hop.host, hop.port, hop.shown) == ("a", 5060, "a:5060")
        assert hop == names["Hop"]("a", 5060) and hash(hop) == hash(names["Hop"]("a"))
        assert replace(hop, port=1) == names["Hop"](host="a", port=1)
        assert names["Options"](first="x").second == ()
        with pytest.raises(TypeError):
            names["Options"]("x")
        assert repr(hop) == "Hop(host='a', port=5060)" and hop != ("a", 5060)
        assert hop != names["Hop"]("a", 1) and hop != names["Queue"]()
        assert repr(names["Options"](first="x")) == "Options(first='x', second=())"
        assert names["Options"](first="x") != names["Options"](first="x")
        assert names["Queue"]() == names["Queue"]([]) != names["Queue"]([1])
        with pytest.raises(TypeError, match="unhashable type: 'Queue'"):
            hash(names["Queue"]())
        assert names["Queue"]().items == [] and names["Queue"]([1]).items == [1]
        assert names["Queue"]().items is not names["Queue"]().items


def test_only_plain_records_change_and_no_line_moves() -> None:
    made = rewrite(RECORD)
    assert made.count("def __init__(self, host: str, port: int = 5060) -> None:") == 1
    assert made.count("def __init__") == 3
    before, after = RECORD.splitlines(), made.splitlines()
    assert len(before) == len(after)
    changed = [old for old, new in zip(before, after, strict=True) if old != new]
    assert all(
        old.startswith(("@dataclass", "class ", "from dataclasses "))
        for old in filter(None, changed)
    )


def test_whatever_else_a_module_holds_stays() -> None:
    text = "class A:\n    x: int = 1\n\n\n@dataclass\nclass B(A):\n    y: int\n\n\nz = 2\n"
    assert rewrite(text) == text
