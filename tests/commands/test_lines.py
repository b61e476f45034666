"""``dozvon lines`` and ``dozvon sms``: what people read, what is asked of the daemon."""

from __future__ import annotations

from typing import Any

import pytest

from tests.commands.conftest import CommandLine
from tests.commands.stand_in import StandIn

CITY: dict[str, Any] = {
    "name": "city",
    "kind": "fxo",
    "device": "sim:a?cpc=no",
    "port": 2,
    "extension": "2001",
    "number": "+74955550001",
    "state": "down",
    "why": "line.lost",
    "caller": "+74951234567",
    "caller_name": "Иванов",
    "called_at": 1772434800.0,
    "audio": None,
}
DESK = CITY | {
    "name": "desk",
    "kind": "fxs",
    "number": "",
    "state": "talking",
    "why": "",
    "caller": "",
    "caller_name": "",
    "called_at": None,
    "audio": {"level_in_dbm0": -21.4, "level_out_dbm0": -70.0},
}
MESSAGE = {
    "line": "gsm",
    "direction": "in",
    "number": "+79101234567",
    "text": "Баланс 10 руб.",
    "sent_at": "",
    "at": 1772434800.0,
    "reference": "",
}


def test_lines_tell_how_they_are(dozvon: CommandLine, box: StandIn) -> None:
    box.answers["lines"] = {"lines": [CITY, DESK]}
    assert dozvon("lines") == 0
    _, city, desk = dozvon.out.splitlines()
    assert "down: no voltage or no network" in city and "+74951234567 Иванов" in city
    assert "sim:a 2" in city and "cpc" not in city
    assert "telephone" in desk and "talking" in desk and "-21" in desk
    assert dozvon.data("lines", "city") == {"lines": [CITY, DESK]}
    assert box.asked[-1] == ("lines", {"line": "city"})
    box.answers["lines"] = {"lines": []}
    assert dozvon("lines", language="ru") == 0 and "docs/lines.md" in dozvon.out


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (("lift", "desk"), ("line_lift", {"line": "desk"})),
        (("dial", "desk", "112"), ("line_dial", {"line": "desk", "digits": "112"})),
        (
            ("dial", "desk", "112", "--pulses"),
            ("line_dial", {"line": "desk", "digits": "112", "by_pulses": True}),
        ),
        (("hangup", "desk"), ("line_hang_up", {"line": "desk"})),
        (("ring", "city", "84951234567"), ("line_ring", {"line": "city", "number": "84951234567"})),
    ],
)
def test_a_simulated_line_is_played(
    dozvon: CommandLine, box: StandIn, words: tuple[str, ...], asked: tuple[str, dict[str, Any]]
) -> None:
    box.answers[asked[0]] = {"line": words[1], "state": "off_hook"}
    assert dozvon("lines", *words) == 0 and dozvon.out == f"{words[1]}: off-hook\n"
    assert box.asked == [asked]


@pytest.mark.parametrize("words", [("lift",), ("dial", "desk"), ("a", "b"), ("flash", "a", "b")])
def test_it_must_be_clear_what_is_played(
    dozvon: CommandLine, box: StandIn, words: tuple[str, ...]
) -> None:
    assert dozvon("lines", *words) == 2 and "dozvon lines --help" in dozvon.err
    assert box.asked == []


def test_messages_are_read_and_sent(dozvon: CommandLine, box: StandIn) -> None:
    box.answers["sms"] = {"messages": [MESSAGE]}
    assert dozvon("sms") == 0 and "Баланс 10 руб." in dozvon.out
    box.answers["sms"] = {"messages": []}
    assert dozvon("sms", language="ru") == 0 and dozvon.out == "Сообщений нет.\n"
    box.answers["sms_send"] = {"line": "gsm", "reference": "17"}
    assert dozvon("sms", "send", "gsm", "+79101234567", "два", "слова") == 0
    args = {"line": "gsm", "number": "+79101234567", "text": "два слова"}
    assert box.asked[-1] == ("sms_send", args) and "17" in dozvon.out
    assert dozvon("sms", "send", "gsm") == 2


def test_the_doctor_says_what_it_found(dozvon: CommandLine, box: StandIn) -> None:
    findings = [
        {"key": "no_dial_tone", "verdict": "bad", "params": {}},
        {"key": "caller_id", "verdict": "ok", "params": {"source": "fsk"}},
    ]
    answer = {"line": "city", "findings": findings, "proposed": {"country": "DE"}}
    box.answers["line_doctor"] = answer
    assert dozvon("lines", "doctor", "city") == 0
    first, second, last = dozvon.out.splitlines()
    assert first.startswith("bad: There is no dial tone") and "(fsk)" in second
    assert last == "Proposed: country: DE"
    assert box.asked[-1] == ("line_doctor", {"line": "city"})
    assert dozvon.data("lines", "doctor", "city", "--call", "84951234500") == answer
    assert box.asked[-1] == ("line_doctor", {"line": "city", "call": "84951234500"})
    assert dozvon("lines", "doctor", "city", language="ru") == 0 and "Предлагается" in dozvon.out
    assert dozvon("lines", "doctor") != 0
