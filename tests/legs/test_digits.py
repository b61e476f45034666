"""Tests of appliance/legs/digits.py."""

from __future__ import annotations

import pytest

from appliance.legs.digits import digit_of_info, info_of_digit


@pytest.mark.parametrize("digit", list("0123456789*#ABCD"))
def test_a_key_survives_the_round(digit: str) -> None:
    kind, body = info_of_digit(digit, 250)
    assert digit_of_info(kind, body) == (digit, 250)


def test_a_flash_survives_the_round() -> None:
    assert info_of_digit("!", 250) == ("application/hook-flash", b"signal=hf\r\n")
    assert digit_of_info(*info_of_digit("!", 250)) == ("!", 160)


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        ("application/dtmf", b"5", ("5", 160)),
        ("application/dtmf", b" # \r\n", ("#", 160)),
        ("application/dtmf-relay", b"Signal= 7\r\nDuration= 100\r\n", ("7", 100)),
        ("application/dtmf-relay", b"Signal=10\nDuration=100", ("*", 100)),
        ("application/dtmf-relay", b"Signal=11\r\n", ("#", 160)),
        ("application/dtmf-relay", b"signal=a\r\nduration=9999999\r\n", ("A", 10_000)),
        ("application/dtmf-relay", b"Signal=16\r\nDuration=90\r\n", ("!", 90)),
        ("application/dtmf-relay", b"Signal=hf\r\n", ("!", 160)),
        ("application/dtmf", b"16", ("!", 160)),
        ("application/dtmf", b"!", ("!", 160)),
        ("application/hook-flash", b"signal=hf\r\n", ("!", 160)),
        ("application/hook-flash", b"", ("!", 160)),
        ("application/broadsoft", b"event flashhook\r\n", ("!", 160)),
        ("application/sscc", b"event=flashhook", ("!", 160)),
        ("application/dtmf-relay", b"Signal=1\r\nDuration=" + b"9" * 5000, ("1", 160)),
    ],
)
def test_what_phones_send_is_read(kind: str, body: bytes, key: tuple[str, int]) -> None:
    assert digit_of_info(kind, body) == key


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/dtmf", b""),
        ("application/dtmf", b"55"),
        ("application/dtmf-relay", b"Duration=100"),
        ("application/dtmf-relay", b"\xff\xfe\x00"),
        ("application/dtmf-relay", b"Signal=\xd9\xa1"),
        ("application/dtmf-relay", b"Signal=17"),
        ("application/broadsoft", b"event talk"),
        ("application/broadsoft", b""),
        ("application/media_control+xml", b"<x/>"),
        ("", b"1"),
    ],
)
def test_what_is_no_key_is_no_key(kind: str, body: bytes) -> None:
    assert digit_of_info(kind, body) is None
