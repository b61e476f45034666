"""drivers/modem_v253/replies.py: what a line is, whatever its case and spaces."""

from __future__ import annotations

import pytest

from drivers.modem_v253.replies import Kind, classify, field_of, final_word


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("RING", Kind.RING),
        ("ring", Kind.RING),
        ("RINGING", Kind.NEWS),
        ("DRON=10", Kind.NEWS),
        ("DROF=40", Kind.NEWS),
        ("NMBR = 4951234567", Kind.CALLER_ID),
        ("nmbr=P", Kind.CALLER_ID),
        ("NAME=", Kind.CALLER_ID),
        ("MESG = 8001", Kind.CALLER_ID),
        ("OK", Kind.FINAL),
        ("VCON", Kind.FINAL),
        ("CONNECT 115200", Kind.FINAL),
        ("NO DIAL TONE", Kind.FINAL),
        ("LINE-IN-USE", Kind.FINAL),
        ('132,"A-Law",8,0,8000,0,0', Kind.INFORMATION),
        ("CONEXANT", Kind.INFORMATION),
    ],
)
def test_what_a_line_is(line: str, kind: Kind) -> None:
    assert classify(line) is kind


def test_final_words_have_one_spelling() -> None:
    assert final_word("CONNECT 33600") == "CONNECT"
    assert final_word("no dial tone") == final_word("NO DIALTONE") == "NO DIALTONE"
    assert final_word("+CME ERROR: 3") == "ERROR"


def test_fields() -> None:
    assert field_of("Name = IVANOV I.") == ("NAME", "IVANOV I.")
    assert field_of("NMBR=") == ("NMBR", "")
    assert field_of("RING") == ("", "")
