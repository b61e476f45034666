"""A whole call to an app that records its caller: also the last words before he hangs up."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.apps.catalogue import APPS
from appliance.apps.line import Line
from drivers.events import OnHook
from tests.kit.lines_office import Scene, play_scene
from tests.kit.stage import Stage, on_stage
from tests.test_exchange import office

HELLO, BYE = b"\x11" * 8000, b"\x22" * 1600


class _Recording:
    """An app that takes what is said once a second."""

    def __init__(self) -> None:
        self.kept = b""

    async def run(self, line: Line, argument: str) -> None:
        await line.say("echo_intro")
        assert line.can_record
        line.record()
        try:
            while True:
                await line.digit(1.0)
                self.kept += line.recorded()
        finally:
            line.stop_recording()
            self.kept += line.recorded()


@pytest.mark.parametrize("hangs_up", [True, False])
def test_what_was_said_is_kept_to_the_end(monkeypatch: Any, hangs_up: bool) -> None:
    app = _Recording()
    monkeypatch.setitem(APPS, "echo", app.run)

    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        session = await a.call("*43")
        (stream,) = stage.plane.streams
        stream.speak_words(b"too early")
        await stage.wait(20)
        stream.speak_words(HELLO)
        await stage.wait(2)
        assert app.kept == HELLO
        stream.speak_words(BYE)
        if hangs_up:
            await a.hang_up(session)
        else:
            await stage.wait(1)
            await a.hang_up(session)
        await stage.wait(1)
        assert app.kept == HELLO + BYE
        assert not stream.is_recording and stage.plane.streams == []

    on_stage(play, office())


def test_a_telephone_on_wires_is_kept_too(monkeypatch: Any) -> None:
    app = _Recording()
    monkeypatch.setitem(APPS, "echo", app.run)

    async def play(scene: Scene, stage: Stage) -> None:
        ear = await scene.lift(scene.desk)
        ear.press("*43")
        await stage.wait(20)
        ear.speak_words(HELLO)
        await stage.wait(2)
        ear.speak_words(BYE)
        scene.desk.tell(OnHook(0))
        await stage.settle()
        assert app.kept == HELLO + BYE
        assert not ear.is_recording

    play_scene(play)
