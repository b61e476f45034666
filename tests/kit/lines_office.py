"""An office with lines on the stage: two telephones, two city lines, a SIM, one SIP phone.

Plays through kit/lines.py in virtual time; at the end of a scene nothing may be left.
"""

from __future__ import annotations

from typing import Any

from appliance.call.leg import Cause
from drivers.api import Capabilities, PortKind
from drivers.events import OffHook, OnHook, PolarityReversed
from tests.kit.lines import FULL, ScriptedDevice, ScriptedPort, StageLine
from tests.kit.stage import Party, Stage, on_stage

SECRET = "Secret-of-the-phone"
KINDS = ["local", "national", "mobile"]


def office(**more: Any) -> dict[str, Any]:
    """Two telephones on wires (2001, 2002), two city lines, a SIM, one SIP phone (2003)."""
    device = "sim:box"
    document: dict[str, Any] = {
        "site": {"ring_time_s": 30, "media_timeout_s": 600},
        "dialling": {"name": "P9", "outside_prefix": "9"},
        "extensions": [
            {"number": n, "secret": SECRET, "name": f"Phone {n}", "pickup_group": "all"}
            for n in ("2001", "2002", "2003")
        ],
        "lines": [
            {"name": "desk", "kind": "fxs", "device": device, "port": 0, "extension": "2001"},
            {"name": "hall", "kind": "fxs", "device": device, "port": 1, "extension": "2002"},
            {
                "name": "city",
                "kind": "fxo",
                "device": device,
                "port": 2,
                "extension": "2003",
                "number": "+74955550001",
            },
            {"name": "city2", "kind": "fxo", "device": device, "port": 3, "extension": "2001"},
            {"name": "gsm", "kind": "cellular", "device": device, "port": 4, "extension": "2001"},
        ],
        "rules": [{"name": "out", "kinds": KINDS, "ways": ["city"]}],
    }
    document.update(more)
    return document


class Scene:
    """The stage with its scripted ports."""

    def __init__(self, stage: Stage, capabilities: Capabilities = FULL) -> None:
        self.stage = stage
        kinds = (PortKind.FXS, PortKind.FXS, PortKind.FXO, PortKind.FXO, PortKind.CELLULAR)
        ports = [ScriptedPort(n, kind, capabilities) for n, kind in enumerate(kinds)]
        self.desk, self.hall, self.city, self.city2, self.gsm = ports
        stage.lines.devices["sim:box"] = ScriptedDevice(*ports)

    def audio(self, number: int = -1) -> StageLine:
        """A line's audio in the order of opening; the last by default."""
        return self.stage.plane.lines[number]

    async def lift(self, port: ScriptedPort) -> StageLine:
        port.tell(OffHook(0))
        await self.stage.settle()
        return self.audio()

    async def called_out(self) -> tuple[Party, StageLine]:
        """The SIP phone has called by the city line, whose exchange has the digits."""
        phone = await self.stage.phone("2003", "192.168.1.13")
        await phone.call("989101234567")
        city = self.audio()
        city.hear("dial")
        await self.stage.wait(4)
        return phone, city

    async def talking(self) -> tuple[Party, StageLine]:
        """Somebody has answered, too: the line was reversed."""
        phone, city = await self.called_out()
        self.city.tell(PolarityReversed(0, True))
        await self.stage.settle()
        return phone, city

    async def call_out(self, line: StageLine, number: str) -> StageLine:
        """Dial on a lifted telephone until the city line has its digits; that line's audio."""
        line.press(number)
        await self.stage.settle()
        city = self.audio()
        city.hear("dial")
        await self.stage.wait(4)
        return city

    async def all_down(self) -> None:
        """Everybody hangs up: nothing may be left."""
        self.stage.exchange.switchboard.hang_up_all(Cause.SHUTDOWN)
        for port in (self.desk, self.hall):
            port.tell(OnHook(0))
        await self.stage.wait(45, step_s=1)
        assert self.stage.exchange.parts.leg_of_stream == {}
        assert self.stage.exchange.live.by_ref == {}
        assert all(line.is_closed for line in self.stage.plane.lines)

    @property
    def row(self) -> Any:
        (row,) = self.stage.journal.rows
        return row


def play_scene(
    play: Any, document: dict[str, Any] | None = None, capabilities: Capabilities = FULL
) -> None:
    async def main(stage: Stage) -> None:
        scene = Scene(stage, capabilities)
        stage.configure(document or office())
        await stage.settle()
        await play(scene, stage)
        await scene.all_down()

    on_stage(main, {"extensions": [], "site": {}})
