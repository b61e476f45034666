"""A decision as data and as lines."""

from __future__ import annotations

import json

import pytest

from appliance.routing.decision import LiveState, OutboundCall, RingingCall
from appliance.routing.explain import to_data, to_lines

from .office import P9, STATE, TRUNKS, dial, key_in


def test_data_is_plain_json() -> None:
    data = to_data(dial("9810380692123456"), P9)
    assert json.loads(json.dumps(data)) == data
    assert (data["verdict"], data["kind"], data["number"]) == (
        "route",
        "international",
        "+380692123456",
    )
    assert data["steps"][0]["step"] == "trunk"
    assert data["steps"][0]["number"] == "380692123456"
    assert (data["revision"], data["profile"], data["outside_prefix"]) == (7, "P9", "9")


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize(
    "dialled", ["2002", "2999", "95551525", "112", "0", "*82002", "*43", "2001", "\x1b\udcff"]
)
def test_lines_can_be_printed(dialled: str, language: str) -> None:
    state = LiveState(bindings=STATE.bindings, ringing=(RingingCall("call-7", "2002", 1.0),))
    decision = dial(dialled, state=state)
    lines = to_lines(to_data(decision, P9), language)
    text = "\n".join(lines)
    text.encode("utf-8")
    assert "\x1b" not in text
    assert len(lines) >= len(decision.reasons) + len(decision.steps) + 2
    assert not any("{" in line for line in lines)


def test_lines_in_russian() -> None:
    lines = to_lines(to_data(dial("9810380692123456", by="2006"), P9), "ru")
    assert lines[0] == "Номер: +380692123456, международный — вызов не пойдёт"
    assert lines[1] == (
        "Звонящий слышит: «Международная связь закрыта» (международная связь закрыта)"
    )
    assert "  - Международная связь закрыта — Украина (класс «national»)" in lines


def test_a_dropped_call_is_named() -> None:
    full = {
        trunk.name: tuple(OutboundCall(f"{trunk.name}-1", 1.0, False) for _ in range(10))
        for trunk in TRUNKS
    }
    lines = to_lines(to_data(dial("112", state=LiveState(trunk_calls=full)), P9), "en")
    assert any("after dropping call city-1" in line for line in lines)
    assert lines[-1] == "Alert: An emergency number was called"


def test_waiting_for_digits() -> None:
    lines = to_lines(to_data(key_in("98"), P9), "en")
    assert lines[0] == "Number: 98 — waiting for digits"
