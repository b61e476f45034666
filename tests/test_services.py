"""Golden ladders through the whole box: RFC 5359's services and RFC 3665's flows between phones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.ladder import Ladder
from tests.kit.stage import on_stage
from tests.test_exchange import office

_FILES = sorted((Path(__file__).parent / "transcripts" / "services").glob("*.txt"))


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_ladder(path: Path) -> None:
    on_stage(lambda stage: Ladder(stage, path).play(), office())


def test_there_are_ladders() -> None:
    assert len(_FILES) >= 6
