"""Tests of appliance/lines/desk.py: what is told of lines, the simulator's hand, messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from appliance.errors import UserError
from appliance.lines.desk import LinesDesk, LinesDeskParts
from drivers.api import PortKind
from drivers.events import CallerIdReceived, CallerIdRecord, LineState, RingStarted
from drivers.registry import parse_address
from drivers.simulator.driver import SimulatorDriver
from tests.kit.lines import FULL, ScriptedDevice, ScriptedPort
from tests.kit.noted import NotedMessages
from tests.kit.stage import Stage, on_stage

SECRET = "Secret-of-the-phone"
OFFICE: dict[str, Any] = {
    "extensions": [{"number": "2001", "secret": SECRET}, {"number": "2002", "secret": SECRET}],
    "lines": [
        {"name": "desk", "kind": "fxs", "device": "sim:a", "port": 0, "extension": "2001"},
        {"name": "city", "kind": "fxo", "device": "sim:a", "port": 2, "extension": "2001"},
        {"name": "gsm", "kind": "cellular", "device": "serial:/dev/x", "extension": "2001"},
        {
            "name": "off",
            "kind": "fxo",
            "device": "sim:b",
            "extension": "2001",
            "is_enabled": False,
        },
    ],
}


class Scene:
    def __init__(self, stage: Stage) -> None:
        self.gsm = ScriptedPort(0, PortKind.CELLULAR, replace(FULL, sms=True))
        self.messages = NotedMessages()
        stage.lines.devices["serial:/dev/x"] = ScriptedDevice(self.gsm)
        exchange = stage.exchange
        parts = LinesDeskParts(lambda: stage.snapshot, exchange.lines, exchange.live, self.messages)
        self.desk = LinesDesk(parts)

    async def ask(self, operation: str, **args: Any) -> dict[str, Any]:
        return await self.desk.operations[operation](args)

    async def line(self, name: str) -> dict[str, Any]:
        (row,) = (await self.ask("lines", line=name))["lines"]
        return row

    async def error(self, operation: str, **args: Any) -> str:
        with pytest.raises(UserError) as caught:
            await self.ask(operation, **args)
        return caught.value.key


def play_scene(play: Any) -> None:
    async def main(stage: Stage) -> None:
        scene = Scene(stage)
        device: Any = await SimulatorDriver().open(parse_address("sim:a"), "ru")
        stage.lines.devices["sim:a"] = device
        stage.configure(OFFICE)
        await stage.settle()
        await play(scene, stage)
        await stage.exchange.lines.close()

    on_stage(main, {"extensions": []})


def test_every_line_is_told_with_what_it_is() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        rows = (await scene.ask("lines"))["lines"]
        assert [row["name"] for row in rows] == ["desk", "city", "gsm", "off"]
        assert [row["state"] for row in rows] == ["idle", "idle", "idle", "disabled"]
        assert rows[0]["model"] == "simulated telephone" and rows[0]["is_simulated"]
        assert rows[1]["can"]["duplex"] is True and rows[3]["can"] == {}
        assert rows[2]["is_simulated"] is False and rows[0]["audio"] is None
        assert await scene.error("lines", line="nobody") == "line.unknown"

    play_scene(play)


def test_the_last_caller_is_told() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        scene.gsm.tell(RingStarted(0))
        scene.gsm.tell(CallerIdReceived(0, CallerIdRecord("+79101234567", "Ира")))
        await stage.settle()
        row = await scene.line("gsm")
        assert (row["caller"], row["caller_name"]) == ("+79101234567", "Ира")
        assert row["called_at"] == pytest.approx(stage.now() + 1.7e9, abs=1)

    play_scene(play)


def test_a_simulated_telephone_is_lifted_dialled_and_put_down() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        assert await scene.error("line_hang_up", line="desk") == "line.on_hook"
        assert (await scene.ask("line_lift", line="desk"))["state"] == "off_hook"
        assert await scene.error("line_lift", line="desk") == "line.off_hook"
        await stage.settle()
        assert (await scene.line("desk"))["audio"]["level_in_dbm0"] == -70.0
        await scene.ask("line_dial", line="desk", digits="2002", by_pulses=True)
        await stage.wait(5)
        assert len(stage.journal.begun) == 1
        assert (await scene.ask("line_flash", line="desk"))["state"] == "off_hook"
        assert (await scene.ask("line_hang_up", line="desk"))["state"] == "idle"
        await stage.settle()
        assert (await scene.line("desk"))["audio"] is None

    play_scene(play)


def test_a_simulated_city_line_is_called_and_the_caller_gives_up() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        assert await scene.error("line_hang_up", line="city") == "line.idle"
        answer = await scene.ask("line_ring", line="city", number="84955550011", name="ООО")
        assert answer == {"line": "city", "state": "ringing"}
        assert await scene.error("line_ring", line="city") == "line.busy"
        await stage.wait(1)
        row = await scene.line("desk")
        assert (row["state"], row["detail"]) == ("ringing", "+74955550011 ООО")
        await scene.ask("line_hang_up", line="city")
        await stage.settle()
        assert (await scene.line("desk"))["state"] == LineState.IDLE.value

    play_scene(play)


@pytest.mark.parametrize(
    ("operation", "args", "key"),
    [
        ("line_lift", {"line": "nobody"}, "line.unknown"),
        ("line_lift", {"line": "off"}, "line.not_open"),
        ("line_lift", {"line": "gsm"}, "line.not_simulated"),
        ("line_lift", {"line": "city"}, "line.wrong_kind"),
        ("line_ring", {"line": "desk"}, "line.wrong_kind"),
        ("line_dial", {"line": "desk", "digits": "12x"}, "line.bad_digits"),
        ("line_dial", {"line": "desk", "digits": "1" * 41}, "line.bad_digits"),
        ("line_dial", {"line": "desk", "digits": "1*", "by_pulses": True}, "line.bad_digits"),
        ("line_ring", {"line": "city", "number": "1\r\nX: y"}, "line.bad_digits"),
        ("line_ring", {"line": "city", "number": "1" * 21}, "line.bad_digits"),
        ("line_dial", {"line": "desk", "digits": "12"}, "line.on_hook"),
        ("sms_send", {"line": "gsm", "number": "12x", "text": "a"}, "sms.bad_number"),
        ("sms_send", {"line": "gsm", "number": "123", "text": ""}, "sms.bad_text"),
        ("sms_send", {"line": "gsm", "number": "123", "text": "a" * 1001}, "sms.bad_text"),
        ("sms_send", {"line": "gsm", "number": "123", "text": "a\ud83d"}, "sms.bad_text"),
        ("sms_send", {"line": "nobody", "number": "123", "text": "a"}, "line.unknown"),
        ("sms_send", {"line": "off", "number": "123", "text": "a"}, "line.not_open"),
        ("sms_send", {"line": "city", "number": "123", "text": "a"}, "sms.unsupported"),
    ],
)
def test_mistakes_are_told(operation: str, args: dict[str, Any], key: str) -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        assert await scene.error(operation, **args) == key

    play_scene(play)


def test_messages_are_sent_kept_and_shown() -> None:
    async def play(scene: Scene, stage: Stage) -> None:
        answer = await scene.ask("sms_send", line="gsm", number="+79101234567", text="привет")
        assert answer == {"line": "gsm", "reference": "17"}
        assert scene.gsm.done == ["send_sms +79101234567 привет"]
        (message,) = (await scene.ask("sms"))["messages"]
        assert (message["direction"], message["text"]) == ("out", "привет")
        scene.gsm.fails["send_sms"] = "line.timeout"
        args = {"line": "gsm", "number": "123", "text": "a"}
        assert await scene.error("sms_send", **args) == "sms.not_sent"
        assert len(scene.messages.kept) == 1

    play_scene(play)


def test_what_is_plugged_in_and_who_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.plugged_in.plugged_in", lambda: ["serial:/dev/x", "i2c:1:0x20"])

    async def play(stage: Stage) -> None:
        answer = await Scene(stage).ask("line_devices")
        assert answer["devices"] == [
            {"device": "serial:/dev/x", "lines": ["gsm"]},
            {"device": "i2c:1:0x20", "lines": []},
        ]

    on_stage(play, OFFICE)
