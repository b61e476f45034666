"""Tests of appliance/sip/message_summary.py: RFC 3842 documents."""

from __future__ import annotations

import pytest

from appliance.sip.message_summary import MessageCounts, format_message_summary

ACCOUNT = "sip:2001@192.168.1.1"


@pytest.mark.parametrize(
    ("counts", "lines"),
    [
        (None, ["Messages-Waiting: no"]),
        (
            MessageCounts(0, 3),
            ["Messages-Waiting: no", f"Message-Account: {ACCOUNT}", "Voice-Message: 0/3"],
        ),
        (
            MessageCounts(2, 0),
            ["Messages-Waiting: yes", f"Message-Account: {ACCOUNT}", "Voice-Message: 2/0"],
        ),
    ],
)
def test_what_waits(counts: MessageCounts | None, lines: list[str]) -> None:
    text = format_message_summary(ACCOUNT, counts).decode()
    assert text == "".join(f"{line}\r\n" for line in lines)
