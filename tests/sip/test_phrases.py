"""Reason phrases."""

from __future__ import annotations

import pytest

from appliance.sip.phrases import PHRASES, reason_phrase


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        (100, "Trying"),
        (486, "Busy Here"),
        (606, "Not Acceptable"),
        (199, "Progress"),
        (299, "OK"),
        (499, "Refused"),
        (700, "Unknown"),
    ],
)
def test_phrases(status: int, phrase: str) -> None:
    assert reason_phrase(status) == phrase


def test_phrases_are_plain_text_in_order() -> None:
    assert list(PHRASES) == sorted(PHRASES)
    assert all(100 <= status < 700 and text.isprintable() for status, text in PHRASES.items())
