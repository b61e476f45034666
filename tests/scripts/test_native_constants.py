"""What the compiled build makes of constants: the same values, final, on the same lines."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "scripts"))

from native_constants import rewrite  # noqa: E402

MODULE = '''"""A module."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")
Pair = tuple[int, int]
MOST = 3
LARGE = frozenset({4})
_TABLE: dict[
    str, int
] = {"ж": 1}
log = print
first, second = 1, 2
TWICE = 1
TWICE = 2


def most() -> int:
    MOST_HERE = MOST
    return MOST_HERE
'''


def test_what_is_named_once_is_final() -> None:
    made = rewrite(MODULE).split("\n")
    assert "LARGE: Final = frozenset({4})" in made
    assert "log: Final = print" in made
    assert made[made.index("_TABLE: Final[dict[") + 2] == ']] = {"ж": 1}'


def test_figures_types_pairs_and_what_changes_stay_as_they_are() -> None:
    made = rewrite(MODULE).split("\n")
    assert "MOST = 3" in made
    for line in ('T = TypeVar("T")', "Pair = tuple[int, int]", "first, second = 1, 2"):
        assert line in made
    assert "TWICE = 1" in made and "    MOST_HERE = MOST" in made


def test_lines_keep_their_numbers_and_mean_the_same() -> None:
    made = rewrite(MODULE)
    assert made.count("\n") == MODULE.count("\n")
    names: dict[str, Any] = {}
    exec(compile(made, "constants.py", "exec"), names)
    assert names["most"]() == 3 and names["_TABLE"] == {"ж": 1}


def test_without_a_constant_nothing_changes() -> None:
    assert rewrite("import os\n") == "import os\n"
