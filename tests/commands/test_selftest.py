"""``dozvon selftest`` without a telephone: what it asks of the daemon, and what it says."""

from __future__ import annotations

import pytest

from appliance.commands import selftest
from appliance.errors import UserError
from appliance.selftest.running import Life
from tests.commands.conftest import CommandLine
from tests.commands.stand_in import StandIn

ACCOUNT = {"number": "x", "secret": "s", "host": "127.0.0.1", "port": 9, "echo_code": "*43"}


def heard(ending: str, *events: str) -> Life:
    return Life(tuple({"event": name} for name in events), ending)


def test_the_echo_test_has_no_code(dozvon: CommandLine, box: StandIn) -> None:
    box.answers |= {"selftest_begin": ACCOUNT | {"echo_code": ""}, "selftest_end": {"ended": 1}}
    assert dozvon.data("selftest")["key"] == "echo_off"
    assert [op for op, _ in box.asked] == ["selftest_begin", "selftest_end"]


def test_what_hangs_is_told_in_words_and_the_extension_is_given_back(
    dozvon: CommandLine, box: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selftest, "live", lambda account: heard("hung", "started", "registered"))
    box.answers |= {"selftest_begin": ACCOUNT, "selftest_end": UserError("control.internal")}
    assert dozvon("selftest", language="ru") == 1
    assert "+ телефон зарегистрировался" in dozvon.out and "- эхо-тест ответил" in dozvon.out
    assert "был остановлен" in dozvon.out
    assert box.asked[-1][0] == "selftest_end"


def test_another_test_goes_on(dozvon: CommandLine, box: StandIn) -> None:
    box.answers["selftest_begin"] = UserError("selftest.busy", seconds=30)
    assert dozvon("selftest") == 1
    assert "30" in dozvon.err


def test_the_daemon_is_down(dozvon: CommandLine) -> None:
    assert dozvon("selftest") == 3
    assert "dozvon run" in dozvon.err
