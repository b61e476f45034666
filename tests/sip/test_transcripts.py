"""The golden transcripts of tests/transcripts: flows of RFC 3665 and others, byte by named byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.transcript import Transcript

_FILES = sorted((Path(__file__).parent.parent / "transcripts").glob("*.txt"))


def test_there_are_transcripts() -> None:
    assert len(_FILES) >= 12


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.stem)
def test_transcript(path: Path) -> None:
    """What leaves and what the shell hears is as written; in the end nothing is left."""
    transcript = Transcript(path)
    transcript.play()
    transcript.rest()
