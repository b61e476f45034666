"""drivers/modem_v253/recovery.py: the ladder, rung by rung, in virtual time."""

from __future__ import annotations

import pytest

from drivers.api import LineError
from drivers.modem_v253.octets import LEAVE, LEAVE_TRIPLED
from drivers.modem_v253.recovery import LADDER, Patient, recover
from tests.drivers.modem_v253.stage import now, play


class Sick:
    """Engine and handle of a modem that answers from a given rung on."""

    def __init__(self, cured_by: str, has_ready_line: bool = True) -> None:
        self.cured_by, self.has_ready_line = cured_by, has_ready_line
        self.done: list[str] = []
        self.is_well = False

    async def answers(self, before: bytes, pause_s: float, timeout_s: float) -> bool:
        names = {b"": "asked", LEAVE: "end_codes", LEAVE_TRIPLED: "tripled_dle", b"+++": "escape"}
        self._do(names[before])
        return self.is_well

    def drop_terminal_ready(self) -> bool:
        if self.has_ready_line:
            self._do("terminal_ready")
        return self.has_ready_line

    def raise_terminal_ready(self) -> bool:
        return True

    async def reopen(self) -> bool:
        self._do("reopened")
        return True

    async def reauthorise(self) -> bool:
        self._do("usb")
        return True

    def _do(self, rung: str) -> None:
        self.done.append(rung)
        self.is_well = self.is_well or rung == self.cured_by

    @property
    def patient(self) -> Patient:
        return Patient(self, self, self.reopen, self.reauthorise)  # type: ignore[arg-type]


@pytest.mark.parametrize("rung", [name for name, _ in LADDER])
def test_each_rung_is_climbed_in_order_and_named(rung: str) -> None:
    async def scene() -> None:
        sick = Sick(rung)
        assert (await recover(sick.patient)).rung == rung
        order = [name for name, _ in LADDER]
        assert list(dict.fromkeys(sick.done)) == order[: order.index(rung) + 1]

    play(scene)


def test_a_device_without_dtr_loses_no_time_with_it() -> None:
    async def scene() -> None:
        begun = now()
        recovery = await recover(Sick("reopened", has_ready_line=False).patient, "terminal_ready")
        assert recovery.rung == "reopened" and now() == begun

    play(scene)


def test_nothing_helps() -> None:
    async def scene() -> None:
        with pytest.raises(LineError) as caught:
            await recover(Sick("never").patient)
        assert caught.value.key == "line.device"

    play(scene)
