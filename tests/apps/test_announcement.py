"""Tests of appliance/apps/announcement.py and echo.py over a scripted line."""

from __future__ import annotations

import pytest

from appliance.apps.announcement import announcement
from appliance.apps.catalogue import APPS
from appliance.apps.echo import echo
from appliance.routing.decision import RunApp
from tests.kit.recorded import Recorded


class ScriptedLine(Recorded):
    """Notes what an app does; nothing takes time."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def say(self, prompt: str) -> None:
        self.heard.append(f"say {prompt}")

    async def tone(self, name: str, seconds: float) -> None:
        self.heard.append(f"tone {name}")

    async def digit(self, timeout_s: float) -> str:
        return ""

    def echo(self) -> None:
        self.heard.append("echo")

    async def until_hang_up(self) -> None:
        self.heard.append("wait")


def heard_from(app: object, argument: str) -> list[str]:
    line = ScriptedLine()
    coroutine = app(line, argument)  # type: ignore[operator]
    with pytest.raises(StopIteration):
        coroutine.send(None)
    return line.heard


@pytest.mark.parametrize(
    ("prompt", "tone"),
    [("no_such_number", "congestion"), ("international_barred", "congestion")],
)
def test_what_a_caller_can_mend_is_said_twice(prompt: str, tone: str) -> None:
    assert heard_from(announcement, prompt) == [f"say {prompt}", f"say {prompt}", f"tone {tone}"]


@pytest.mark.parametrize(
    ("prompt", "tone"), [("busy", "busy"), ("no_answer", "busy"), ("all_lines_busy", "congestion")]
)
def test_that_nobody_is_there_is_said_once(prompt: str, tone: str) -> None:
    assert heard_from(announcement, prompt) == [f"say {prompt}", f"tone {tone}"]


def test_a_bare_tone_has_no_words() -> None:
    assert heard_from(announcement, "tone:busy") == ["tone busy"]


def test_echo_says_what_comes_and_then_gives_it_back() -> None:
    assert heard_from(echo, "") == ["say echo_intro", "echo", "wait"]


def test_every_app_that_calls_name_exists() -> None:
    assert RunApp("echo").app in APPS
    assert "announcement" in APPS
