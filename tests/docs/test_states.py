"""docs/states: the pictures are those of the tables as they are."""

from __future__ import annotations

import importlib.util
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import ModuleType

from appliance.call.call import TABLE as CALL
from appliance.sip.transaction import TABLE as TRANSACTIONS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_states", DOCS / "generate_states.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


GENERATOR = _generator()


def _texts(picture: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(picture).iter() if node.text]


def test_the_pictures_are_up_to_date() -> None:
    stored = {path.name: path.read_text("utf-8") for path in (DOCS / "states").glob("*.svg")}
    assert GENERATOR.pictures() == stored, "run docs/generate_states.py"


def test_every_row_of_the_transactions_is_drawn() -> None:
    pictures = GENERATOR.pictures()
    drawn = [text for name in pictures if name != "call.svg" for text in _texts(pictures[name])]
    inputs = [what.name for _, _, what in TRANSACTIONS]
    assert all(drawn.count(name) == inputs.count(name) for name in set(inputs))


def test_every_row_of_the_call_is_drawn() -> None:
    drawn = _texts(GENERATOR.pictures()["call.svg"])
    handlers = [row.__name__.removeprefix("on_") for row in CALL.values()]
    assert all(drawn.count(name) == handlers.count(name) for name in set(handlers))


def test_a_changed_table_changes_the_picture() -> None:
    step = GENERATOR.Step
    one = GENERATOR.machine_svg({"A": [step("GO", "B", "")], "B": []})
    other = GENERATOR.machine_svg({"A": [step("GO", "A", "")], "B": []})
    assert one != other and "head" in one
    assert one == GENERATOR.machine_svg({"A": [step("GO", "B", "")], "B": []})
