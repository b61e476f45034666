"""Tests of appliance/service/sd_notify.py: what systemd hears, and that nobody misses it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from appliance.service.sd_notify import find_notifier, watchdog_s
from tests.kit.service_manager import ServiceManager

PID = 4711


def test_fields_arrive_as_systemd_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By systemd-python itself, into a real socket."""
    with ServiceManager(tmp_path) as systemd:
        for name, value in systemd.environment().items():
            monkeypatch.setenv(name, value)
        notifier = find_notifier()
        assert notifier.is_heard
        notifier.tell(READY=1, STATUS="all is well\nwith no second line")
        assert systemd.hear() == [{"READY": "1", "STATUS": "all is well with no second line"}]


def test_started_by_hand_nothing_is_said() -> None:
    notifier = find_notifier({})
    assert not notifier.is_heard
    notifier.tell(READY=1)


def test_without_the_library_the_box_runs_and_the_log_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "systemd.daemon", None)
    notifier = find_notifier({"NOTIFY_SOCKET": "/run/systemd/notify"})
    notifier.tell(READY=1)
    assert not notifier.is_heard
    assert "systemd-python is missing" in caplog.text


def test_a_socket_that_went_away_is_a_line_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody.sock"))
    with caplog.at_level(logging.WARNING):
        find_notifier().tell(WATCHDOG=1)
    assert "systemd does not listen" in caplog.text


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(PID)}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),  # meant for our parent
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_how_often_we_must_be_heard_of(environ: Mapping[str, str], expected: float | None) -> None:
    assert watchdog_s(environ, PID) == expected
