"""Tests of appliance/guard/report.py: what the control socket tells of bans."""

from __future__ import annotations

import json

from appliance.guard.gate import Gate
from appliance.guard.report import bans_report
from appliance.guard.signatures import Signatures
from tests.guard.houses import AROUND, stranger


def test_bans_are_told_in_moments_of_the_wall_clock() -> None:
    gate = Gate(AROUND, Signatures({}), lambda key, detail: None)
    for _ in range(10):
        gate.failed("2001", stranger(), 100.0)
    for number in range(10, 20):
        gate.failed("2001", stranger(number), 100.0)
    assert not gate.admits(b"", stranger(), 160.0)
    found = bans_report(gate, 160.0, 1.7e9)
    place, account = found["bans"]
    assert (place["kind"], place["address"], place["account"]) == ("place", "192.0.0.1", "2001")
    assert (place["since_at"], place["until_at"]) == (1.7e9 - 60, 1.7e9 + 540)
    assert (account["kind"], account["account"], account["until_at"]) == ("account", "2001", None)
    assert found["unanswered"]["banned"] == 1
    assert json.loads(json.dumps(found)) == found
    assert bans_report(gate, 800.0, 1.7e9)["bans"] == []
