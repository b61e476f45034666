"""Every reason of a line has words: all keys in the sources of drivers and lines are walked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.commands.line_texts import LINE_ERRORS
from appliance.routing.line_texts import LINE_WHYS

ROOT = Path(__file__).resolve().parents[2]
#: Errors of the command line and its pages alone: LINE_ERRORS has their sentences.
_COMMANDS = (
    "lines/desk.py",
    "lines/simulator_hand.py",
    "commands/lines.py",
    "commands/texts.py",
)
_KEY = re.compile(r"(line|doctor|sms)\.[a-z_]+")


def _sources() -> Iterator[Path]:
    for room in ("drivers", "appliance"):
        for file in sorted((ROOT / room).rglob("*.py")):
            if "native" not in file.parts and not file.name.startswith("field_table"):
                yield file


def _keys(file: Path) -> set[str]:
    """Keys that are written in code, not in what is said about it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    texts = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
    return {text for text in texts if isinstance(text, str) and _KEY.fullmatch(text)}


def test_the_walk_finds_what_is_known_to_be_there() -> None:
    found = {key for file in _sources() for key in _keys(file)}
    assert {"line.hot", "line.sim_missing", "line.glare", "doctor.failed"} <= found


@pytest.mark.parametrize("room", ["drivers", "appliance"])
def test_no_reason_of_a_line_lacks_words(room: str) -> None:
    lacking = {
        f"{file.relative_to(ROOT)}: {key}"
        for file in _sources()
        if file.relative_to(ROOT).parts[0] == room and not file.name.endswith("_texts.py")
        for key in _keys(file)
        if key not in (LINE_ERRORS if _is_for_commands(file, key) else LINE_WHYS)
    }
    assert not lacking


def _is_for_commands(file: Path, key: str) -> bool:
    """The simulator refuses the hand that plays it: its words are those of the commands."""
    is_hand = "simulator" in file.parts and key in LINE_ERRORS
    place = "/".join(file.parts[-2:])
    return is_hand or place in _COMMANDS or not key.startswith("line.")


def test_no_reason_is_without_a_source() -> None:
    raised = {key for f in _sources() if not f.name.endswith("_texts.py") for key in _keys(f)}
    assert set(LINE_WHYS) <= raised
    assert set(LINE_ERRORS) <= raised


@pytest.mark.parametrize("key", sorted(LINE_WHYS))
def test_words_are_in_both_languages(key: str) -> None:
    russian, english = LINE_WHYS[key]
    assert re.search("[а-я]", russian) and not re.search("[а-я]", english)
