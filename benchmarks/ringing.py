"""How punctual ringing is on this machine, and what a board of telephones costs of it.

``python -m benchmarks.ringing [--seconds 20] [--load 4]``: the keeper's loop in real time, on the
emulated board (no bus: what a bus adds is arithmetic, docs/hardware.md). Edges of F/R against their
grid, frequency, late edges; then the same beside busy processes; then processor time of the loop
with a bus that costs nothing. Bars: ±1 Hz, 2 ms at the 99th percentile.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import time
from itertools import pairwise

from drivers.api import DeviceAddress
from drivers.country import country_profile
from drivers.fxs_i2c import mcp23017
from drivers.fxs_i2c.keeper import become_punctual
from drivers.fxs_i2c.messages import Order, Verb
from drivers.fxs_i2c.place import build_expander, parse_place
from drivers.fxs_i2c.tender import Bus, Tender
from tests.kit.i2c_board import ADDRESS, I2cBoard

MS = 1_000_000
PORTS = 4
NICE = -10  # as in systemd/dozvon.service


class FreeBus:
    """A chip that holds what it is told, shows its outputs, and never changes an input; for
    nothing."""

    def __init__(self) -> None:
        self.registers = bytearray(22)

    def read_i2c_block_data(self, i2c_addr: int, register: int, length: int) -> list[int]:
        return list(self.registers[register : register + length])

    def write_i2c_block_data(self, i2c_addr: int, register: int, data: list[int]) -> None:
        if register == mcp23017.IOCON:
            data = data * 2
        self.registers[register : register + len(data)] = bytes(data)
        for port in (0, 1):
            outputs = ~self.registers[mcp23017.IODIR + port]
            self.registers[mcp23017.GPIO + port] = self.registers[mcp23017.OLAT + port] & outputs

    def close(self) -> None:
        """Nothing is open."""


def tender_on(bus: Bus, country: str) -> Tender:
    place = parse_place(DeviceAddress("i2c", f"1:{ADDRESS:#x}", {"supply_ma": "9000"}))
    return Tender(build_expander(place, country), bus, ADDRESS, time.monotonic_ns)


def run(tender: Tender, seconds: float) -> None:
    """As the keeper does it."""
    end = time.monotonic_ns() + round(seconds * 1e9)
    while (due := tender.step()) < end:
        tender.take_events()
        remaining = due - time.monotonic_ns()
        if remaining > 0:
            time.sleep(remaining / 1e9)


def ring_all(tender: Tender, country: str) -> None:
    pattern = country_profile(country).ringing.cadence.pattern_ms
    for port in range(PORTS):
        tender.execute(Order(0, port, Verb.RING, pattern))


def measure_edges(country: str, seconds: float, what: str) -> None:
    board = I2cBoard(time.monotonic_ns, slack_ns=50 * MS)
    tender = tender_on(board.bus, country)
    run(tender, 0.2)
    ring_all(tender, country)
    run(tender, seconds)
    hz = country_profile(country).ringing.frequency_hz
    half = 5e8 / hz
    off, measured = [], []
    for watch in board.judge.watches:
        for rose, fell in watch.bursts:
            edges = [rose, *(edge for edge in watch.edges if rose < edge < fell)]
            off += [abs((edge - rose) - round((edge - rose) / half) * half) for edge in edges[1:]]
            halves = [later - edge for edge, later in pairwise(edges)]
            measured.append(5e8 / (sum(halves) / len(halves)))
    off.sort()
    worst = max(measured, key=lambda value: abs(value - hz))
    median, nearly_all, most = (off[int(len(off) * share)] / 1e3 for share in (0.5, 0.99, 0.9999))
    print(
        f"{country} {what:9}: {len(off)} edges, off their grid by {median:.0f} µs"
        f" (median), {nearly_all:.0f} µs (99 %), {most:.0f} µs (most);"
        f" {hz:g} Hz, a burst at worst {worst:.2f} Hz; late by 5 ms: {tender.figures.late_edges};"
        f" violations: {len(board.judge.violations)}"
    )


def measure_cost(seconds: float) -> None:
    for what in ("idle", "4 ringing"):
        tender = tender_on(FreeBus(), "RU")
        run(tender, 0.2)
        if what != "idle":
            ring_all(tender, "RU")
        before, begun = time.process_time(), time.monotonic()
        run(tender, seconds)
        share = (time.process_time() - before) / (time.monotonic() - begun)
        assert tender.figures.bus_errors == 0, "what was measured is no board at work"
        print(f"cost {what}: {share:.2%} of a core, the bus apart")


def _burn() -> None:
    """Begun before anybody has priority: a busy loop with a real-time class stops the machine."""
    assert os.sched_getscheduler(0) == os.SCHED_OTHER
    while True:
        sum(range(10_000))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--load", type=int, default=4, help="busy processes beside it")
    options = parser.parse_args()
    become_punctual()
    with contextlib.suppress(OSError):
        os.nice(NICE)
    is_real_time = os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK == os.SCHED_FIFO
    print(f"real-time priority: {'yes' if is_real_time else 'not allowed here'}, nice {os.nice(0)}")
    for country in ("RU", "US"):
        measure_edges(country, options.seconds, "alone")
    burners = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(options.load)]
    try:
        for burner in burners:
            burner.start()
        measure_edges("RU", options.seconds, f"+ {options.load} busy")
    finally:
        for burner in burners:
            burner.kill()
    measure_cost(options.seconds / 2)


if __name__ == "__main__":
    main()
