"""Every key that a command can meet has a text in both languages, with params that exist."""

from __future__ import annotations

import io
import re
import string
from pathlib import Path

import pytest

import appliance
from appliance.commands.config_report import Report
from appliance.commands.explain_words import MISTAKES
from appliance.commands.texts import TEXTS, error_lines, exit_code, say
from appliance.commands.words import alert_detail, alert_text, party
from appliance.config.texts import TEXTS as SETTING_TEXTS
from appliance.errors import UserError
from appliance.routing.texts import ALERTS as ROUTING_ALERTS

ROOMS = ("net", "store", "media", "commands", "phones")
ALONE = ("control_desk.py", "selftest_desk.py", "legs/guests.py")
KEY = re.compile(
    r'"((?:control|net|store|media|phone|hangup|explain|selftest|run|calls|journal|unban)\.[a-z_]+)"'
)


def keys_in_code() -> set[str]:
    root = Path(appliance.__file__).parent
    files = [path for room in ROOMS for path in (root / room).rglob("*.py")]
    files += [root / name for name in ALONE]
    text = "\n".join(p.read_text("utf-8") for p in files if p.name != "texts.py")
    return set(KEY.findall(text)) - {"control.sock"}


def test_no_key_is_without_a_text() -> None:
    known = {*TEXTS, *SETTING_TEXTS, *MISTAKES}
    assert keys_in_code() - known == set()


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_name_the_same_params(key: str) -> None:
    text = TEXTS[key]
    fields = [{f for _, f, _, _ in string.Formatter().parse(t) if f} for t in (text.ru, text.en)]
    assert fields[0] == fields[1]
    assert re.search("[а-я]", text.ru) and not re.search("[а-яА-Я]", text.en)


@pytest.mark.parametrize(
    ("key", "detail"),
    [
        ("place_banned", "203.0.113.9 10 600 2003"),
        ("login_barred", "192.168.1.50 10 300 2003"),
        ("logins_barred", "192.168.1.50 30 300 a name {0} with spaces"),
        ("account_attacked", "2003"),
    ],
)
def test_a_ban_says_where_why_and_how_to_undo_it(key: str, detail: str) -> None:
    for language in ("ru", "en"):
        said = alert_detail(key, detail, language)
        where, _, account = detail.partition(" ")
        assert f"dozvon unban {where}" in said and account.split(" ", 2)[-1] in said
    assert alert_detail(key, "not such a detail", "en")


def test_every_alert_has_a_text() -> None:
    root = Path(appliance.__file__).parent
    raised = {
        key
        for path in root.rglob("*.py")
        for key in re.findall(r'raise_\(\s*"([a-z_.]+)"', path.read_text("utf-8"))
    }
    assert {"trunk_down", "calls_cut", "state_damaged"} <= raised
    raised |= {"disk_full", "disk_fails", "disk_works_again"}
    raised |= {"place_banned", "login_barred", "logins_barred", "account_attacked", "flood"}
    of_settings = {"config.revision_damaged", "config.database_damaged"}
    for key in raised | of_settings | set(ROUTING_ALERTS):
        russian, english = alert_text(key, "ru"), alert_text(key, "en")
        assert re.search("[а-я]", russian) and " " in english, key
    assert of_settings <= set(SETTING_TEXTS)


def test_a_missing_param_hides_nothing() -> None:
    assert "{path}" in say("control.not_running", {}, "en")


def test_an_unknown_key_is_shown_with_its_params() -> None:
    assert say("new.key", {"a": 1}, "ru") == "new.key {'a': 1}"


@pytest.mark.parametrize(
    ("key", "code"),
    [("control.not_running", 3), ("run.bad_port", 2), ("explain.bad_time", 2), ("store.x", 1)],
)
def test_exit_codes(key: str, code: int) -> None:
    assert exit_code(UserError(key)) == code


def test_config_speaks_of_a_silent_daemon_too() -> None:
    report = Report(io.StringIO(), "ru", is_json=False)
    assert report.text_of(UserError("control.timeout", seconds=10, path="x")).startswith("Станция")


def test_a_line_s_reason_is_said_in_words() -> None:
    error = UserError("doctor.failed", line="city", reason="line.ringing")
    (said,) = error_lines(error, "en")
    assert "line.ringing" not in said and "it is being called" in said


def test_who_answered_is_told_in_the_readers_words() -> None:
    assert (party("app echo", "ru"), party("app echo", "en")) == ("приложение «эхо»", "app echo")
    assert party("trunk first", "ru") == "линия first"
