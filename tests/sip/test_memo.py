"""A bounded memory of what was read."""

from __future__ import annotations

from appliance.sip.headers import parse_name_addr
from appliance.sip.memo import Memo
from appliance.sip.uri import parse_uri


def test_it_knows_what_it_was_told_and_never_more_than_it_has_room_for() -> None:
    memo: Memo[int] = Memo(3, 5)
    assert memo.get("a") is None and memo.keep("a", 1) == 1 and memo.get("a") == 1
    for n in range(10):
        memo.keep(str(n), n)
        assert len(memo) <= 3
    assert memo.keep("longer", 7) == 7 and memo.get("longer") is None


def test_the_same_text_is_read_once_and_long_ones_each_time() -> None:
    assert parse_uri("sip:memo@a") is parse_uri("sip:memo@a")
    assert parse_name_addr("<sip:memo@a>") is parse_name_addr("<sip:memo@a>")
    long = "sip:" + "a" * 300 + "@b"
    assert parse_uri(long) is not parse_uri(long) and parse_uri(long) == parse_uri(long)
    text = f"<{long}>"
    assert parse_name_addr(text) is not parse_name_addr(text)
