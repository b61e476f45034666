"""``dozvon demo``: its options, and what it says when nothing runs (calls: interop)."""

from __future__ import annotations

from tests.commands.conftest import CommandLine
from tests.commands.stand_in import StandIn


def test_show_and_call_need_a_running_demo(dozvon: CommandLine) -> None:
    for words in (("demo", "show"), ("demo", "call"), ("demo", "call", "+74950002005")):
        assert dozvon(*words) == 3
        assert "./run --demo" in dozvon.err and "/demo)" in dozvon.err
    assert dozvon("demo", "show", language="ru") == 3
    assert "Пробный офис не запущен" in dozvon.err


def test_a_box_that_is_no_demo_is_left_alone(dozvon: CommandLine, box: StandIn) -> None:
    assert dozvon("demo", "show") == 3


def test_mistaken_options_are_told_before_anything_starts(dozvon: CommandLine) -> None:
    assert dozvon("demo", "--sip-port", "70000") == 2
    assert "--sip-port" in dozvon.err
    assert not (dozvon.folder / "demo").exists()
