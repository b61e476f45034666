"""Commands that ask the running box: status, calls, registrations, trunks, hangup."""

from __future__ import annotations

import pytest

from appliance.config.presets import factory_document
from appliance.config.store import ConfigStore
from appliance.errors import UserError
from tests.commands.conftest import CommandLine
from tests.commands.stand_in import CALLS, REGISTRATIONS, STATUS, TRUNKS, StandIn


def test_status_tells_all_at_a_glance(dozvon: CommandLine, box: StandIn) -> None:
    assert dozvon("status") == 0
    assert "Контора" in dozvon.out and "1:02:05" in dozvon.out
    assert "udp 0.0.0.0:5060, tcp [::]:5060" in dozvon.out and "10000-19999" in dozvon.out
    assert "first (up), second (down: name or password refused)" in dozvon.out
    assert "A trunk is down: second: the provider is silent (x3)" in dozvon.out


def test_status_shows_times_by_the_clock_of_the_office(dozvon: CommandLine, box: StandIn) -> None:
    store = ConfigStore(dozvon.folder / "config.db")
    store.save(factory_document(), 0, "test")
    store.close()
    dozvon("status")
    assert "2026-03-02 10:00:00" in dozvon.out  # Moscow


def test_status_speaks_the_language_of_the_office_unless_told(
    dozvon: CommandLine, box: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from appliance.cli import main

    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    main(["--data", str(dozvon.folder), "status"])
    dozvon("version")
    assert "Работает" in dozvon.out.split("Dozvon")[0]
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    main(["--data", str(dozvon.folder), "status"])
    dozvon("version")
    assert "Runs for" in dozvon.out


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("status", STATUS),
        ("calls", CALLS),
        ("registrations", REGISTRATIONS),
        ("trunks", TRUNKS),
    ],
)
def test_json_is_the_answer_of_the_box(
    dozvon: CommandLine, box: StandIn, command: str, answer: object
) -> None:
    assert dozvon.data(command) == answer
    assert box.asked == [(command, {})]


def test_calls_are_a_table(dozvon: CommandLine, box: StandIn) -> None:
    assert dozvon("calls") == 0
    heading, talking, ringing = dozvon.out.splitlines()
    assert heading.startswith("Call  State")
    assert talking.split()[:2] == ["a1", "talking"] and talking.endswith("1:15   1:02")
    assert "trunk first" in talking
    assert "extension 2002" in ringing and "2009" not in ringing and ringing.endswith("-")


def test_a_name_from_the_wire_commands_no_terminal(dozvon: CommandLine, box: StandIn) -> None:
    dozvon("calls")
    assert "\x1b" not in dozvon.out and "Anna\N{REPLACEMENT CHARACTER}" in dozvon.out


def test_one_call_of_many(dozvon: CommandLine, box: StandIn) -> None:
    assert dozvon("calls", "b2") == 0 and "b2" in dozvon.out and "a1" not in dozvon.out
    assert dozvon("calls", "zz") == 1
    assert dozvon.out == "" and "There is no call zz" in dozvon.err


def test_a_silent_office_has_no_calls(dozvon: CommandLine, box: StandIn) -> None:
    box.answers["calls"] = {"calls": []}
    assert dozvon("calls", language="ru") == 0 and dozvon.out == "Разговоров сейчас нет.\n"


def test_registrations_tell_why_a_phone_cannot_be_called(dozvon: CommandLine, box: StandIn) -> None:
    assert dozvon("registrations", language="ru") == 0
    _, anna, boris = dozvon.out.splitlines()
    assert "да" in anna and "192.0.2.5:5062" in anna and "12.3" in anna
    assert "нет: ещё не регистрировался" in boris
    assert dozvon("registrations", "2002") == 0 and "2001" not in dozvon.out
    assert dozvon("registrations", "2999") == 1 and "2999" in dozvon.err


def test_trunks_tell_why_they_are_down(dozvon: CommandLine, box: StandIn) -> None:
    assert dozvon("trunks") == 0
    _, first, second = dozvon.out.splitlines()
    assert "up" in first and "1/10" in first
    assert "down: name or password refused (403)" in second
    assert dozvon("trunks", "third") == 1 and "third" in dozvon.err


def test_hangup_ends_one_call_or_all(dozvon: CommandLine, box: StandIn) -> None:
    assert dozvon("hangup", "a1") == 0 and dozvon.out == "Calls ended: 1.\n"
    assert dozvon("hangup", "--all") == 0
    assert box.asked == [("hangup", {"call_ref": "a1"}), ("hangup", {"all": True})]


@pytest.mark.parametrize("words", [(), ("a1", "--all")])
def test_hangup_must_be_told_which(
    dozvon: CommandLine, box: StandIn, words: tuple[str, ...]
) -> None:
    assert dozvon("hangup", *words) == 2 and "--all" in dozvon.err and box.asked == []


def test_hangup_of_a_call_that_is_gone(dozvon: CommandLine, box: StandIn) -> None:
    box.answers["hangup"] = UserError("hangup.no_such_call", call_ref="a1")
    assert dozvon("hangup", "a1") == 1 and "There is no call a1" in dozvon.err


def test_bans_tell_who_is_shut_out_and_from_what(dozvon: CommandLine, box: StandIn) -> None:
    assert dozvon("bans", "--language", "en") == 0
    heading, place, account, counts = dozvon.out.splitlines()
    assert heading.split()[0] == "Address" and "\x1b" not in place
    assert "203.0.113.9" in place and "the whole address" in place and "10" in place
    assert "2001" in account and "unknown addresses" in account
    assert "of banned ones 7" in counts and "of scanners 3" in counts
    box.answers["bans"] = {"bans": [], "unanswered": {"banned": 0}}
    assert dozvon("bans", "--language", "ru") == 0 and dozvon.out == "Никто не заблокирован.\n"


def test_spending_tells_who_spent_what_of_which_limit(dozvon: CommandLine, box: StandIn) -> None:
    assert dozvon("spending", "--language", "en") == 0
    heading, row, total = dozvon.out.splitlines()
    assert heading.split()[0] == "Extension" and "\x1b" not in row
    assert row.split()[:2] == ["2001", "Anna�[31m"]
    assert row.split()[3:] == ["1/3", "7/60", "12.5/240", "-"]
    assert "7/500" in total and "12.5" in total
    assert dozvon("spending", "2002", "--language", "ru") == 0
    assert "0/3" in dozvon.out and "Вся станция" in dozvon.out
    assert len(dozvon.data("spending")["spending"]) == 2
    assert dozvon("spending", "2999") == 1 and "2999" in dozvon.err
    box.answers["spending"] = {**box.answers["spending"], "spending": []}
    assert dozvon("spending", "--language", "en") == 0 and "Nobody made a paid" in dozvon.out


def test_unban(dozvon: CommandLine, box: StandIn) -> None:
    assert dozvon("unban", "203.0.113.9") == 0 and dozvon.out == "Lifted: 1.\n"
    assert box.asked == [("unban", {"name": "203.0.113.9"})]
    box.answers["unban"] = UserError("unban.nothing", name="203.0.113.9")
    assert dozvon("unban", "203.0.113.9") == 1 and "dozvon bans" in dozvon.err


@pytest.mark.parametrize(
    "command", ["status", "calls", "registrations", "trunks", "bans", "spending"]
)
def test_no_daemon_is_exit_code_3_and_says_what_to_do(dozvon: CommandLine, command: str) -> None:
    assert dozvon(command) == 3
    assert dozvon.out == "" and "dozvon run" in dozvon.err
    assert dozvon.data(command)["error"]["key"] == "control.not_running"
