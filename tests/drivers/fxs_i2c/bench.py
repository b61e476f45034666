"""A board and the driver's whole inside (expander, tender) on one virtual clock, and the judge."""

from __future__ import annotations

from typing import TypeVar

import pytest

from drivers.api import Cadence, DeviceAddress, LineError
from drivers.events import LineEvent
from drivers.fxs_i2c.messages import Order, Verb
from drivers.fxs_i2c.place import build_expander, parse_place
from drivers.fxs_i2c.tender import Tender
from tests.kit.i2c_board import ADDRESS, I2cBoard, VirtualClock
from tests.kit.slic import Manners

MS = 1_000_000
RU = Cadence((1000, 4000))
US = Cadence((2000, 4000))
UK = Cadence((400, 200, 400, 2000))
_Event = TypeVar("_Event")


class Bench:
    """run(ms) lets time pass; told holds every event of every port so far."""

    def __init__(
        self,
        country: str = "RU",
        wiring: str = "quad-a",
        manners: Manners | None = None,
        supply_ma: int = 1500,
    ) -> None:
        self.clock = VirtualClock()
        self.board = I2cBoard(self.clock, wiring, manners)
        options = {"map": wiring, "supply_ma": str(supply_ma)}
        place = parse_place(DeviceAddress("i2c", f"1:{ADDRESS:#x}", options))
        self.expander = build_expander(place, country)
        self.tender = Tender(self.expander, self.board.bus, ADDRESS, self.clock)
        self.told: list[tuple[int, LineEvent]] = []

    @property
    def now(self) -> int:
        return self.clock.now_ns

    def run(self, ms: float) -> Bench:
        end = self.now + round(ms * MS)
        while True:
            due = self.tender.step()
            self.told += [(event.port, event.event) for event in self.tender.take_events()]
            if due > end:
                self.clock.now_ns = max(self.now, end)
                self.board.assert_safe()
                return self
            self.clock.now_ns = max(self.now, due)

    def order(self, verb: Verb, port: int = 0, **values: object) -> int:
        """Execute at once; when it is done, in ns."""
        return self.tender.execute(Order(1, port, verb, **values))  # type: ignore[arg-type]

    def ring(self, port: int = 0, cadence: Cadence = RU, *, shows: bool = False) -> None:
        self.order(Verb.RING, port, pattern_ms=cadence.pattern_ms, is_on=shows)

    def refused(self, verb: Verb, port: int = 0, **values: object) -> str:
        """The key with which an order is refused."""
        with pytest.raises(LineError) as refusal:
            self.order(verb, port, **values)
        return refusal.value.key

    def refused_or_done(self, verb: Verb, port: int, **values: object) -> str:
        """The key with which an order is refused; empty = it was done."""
        try:
            self.order(verb, port, **values)
        except LineError as error:
            return error.key
        return ""

    def of(self, kind: type[_Event], port: int = 0) -> list[_Event]:
        """The events of one kind that a port told so far."""
        return [event for told, event in self.told if told == port and isinstance(event, kind)]

    def bursts(self, port: int = 0) -> list[tuple[float, float]]:
        """(length, pause before) in ms of each burst of ringing so far."""
        bursts = self.board.judge.watches[port].bursts
        starts = [rose for rose, _ in bursts]
        ends = [bursts[0][0] if bursts else 0, *(fell for _, fell in bursts)]
        return [
            ((fell - rose) / MS, (starts[n] - ends[n]) / MS)
            for n, (rose, fell) in enumerate(bursts)
        ]
