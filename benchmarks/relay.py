"""Relayed RTP: CPU per packet, added latency, and how many calls a core carries; all in one run.

    python -m benchmarks.relay [--calls 200] [--seconds 4] [--rounds 3] [--search] [--json FILE]

Our box, a bare C epoll relay and, where it is installed (benchmarks/peers/setup.sh, root), Asterisk
carry the same calls by turns, on one processor core; the generator has another. Only ratios of one
run are worth comparing. ``--search`` grows the calls of our box and of Asterisk until 0.1 % is lost
or the median delay passes 5 ms. ``--real-time`` (root) shields all from a busy machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.measure import cpu_ns, stolen_s
from benchmarks.relay_targets import GENERATOR_PORT, Place, Target, makers, party_host
from benchmarks.standing_calls import allow_descriptors

NATIVE = Path(__file__).parent / "native"
PROGRAMS = ("bare_relay", "rtp_generator")
MOST_LOST, HIGHEST_P50_US = 0.001, 5000
GROWTH = 1.15
MOST_CALLS = 2000  # twice as many streams are what our media core holds


@dataclass(frozen=True, slots=True)
class Round:
    """One target, one run. latest_us: how late the generator itself was at worst; stolen_percent:
    what the hypervisor kept meanwhile, of one core."""

    target: str
    calls: int
    sent: int
    received: int
    misled: int
    cpu_us_per_packet: float
    p50_us: int
    p99_us: int
    latest_us: int
    stolen_percent: float

    @property
    def lost(self) -> float:
        return 1 - self.received / self.sent if self.sent else 1.0

    @property
    def is_full(self) -> bool:
        """Loss alone hides it: the kernel's buffers hold a second of a call."""
        return self.lost >= MOST_LOST or self.p50_us > HIGHEST_P50_US


def compile_programs(directory: Path) -> None:
    for name in PROGRAMS:
        source, program = NATIVE / f"{name}.c", directory / name
        command = ["cc", "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([*command, str(source), "-o", str(program)], check=True)


class Bench:
    """The generator on its core, and what it measures."""

    def __init__(self, program: Path, place: Place, seconds: float) -> None:
        self._program, self._place, self._seconds = program, place, seconds

    def measure(self, name: str, target: Target, calls: int) -> Round:
        relays = target.relays(calls)
        lines = [f"{party_host(n)} {host} {port}\n" for n, (host, port) in enumerate(relays)]
        used, stolen = cpu_ns(target.pid) if target.pid else 0, stolen_s()
        done = subprocess.run(
            [str(self._program), str(GENERATOR_PORT), str(self._seconds)],
            input="".join(lines),
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=self._place.take,
        )
        used = (cpu_ns(target.pid) if target.pid else 0) - used
        stolen = (stolen_s() - stolen) / (self._seconds + 1) * 100
        sent, received, carried, misled, p50, p99, latest = map(int, done.stdout.split())
        per_packet = round(used / 1000 / max(1, carried), 2)
        return Round(
            name, calls, sent, received, misled, per_packet, p50, p99, latest, round(stolen, 1)
        )


def alternate(
    bench: Bench, targets: dict[str, Callable[[], Target]], calls: int, rounds: int
) -> list[Round]:
    """All targets by turns, so that whatever else the machine does falls on each."""
    running = {name: make() for name, make in targets.items()}
    try:
        return [
            shown(bench.measure(name, target, calls))
            for _ in range(rounds)
            for name, target in running.items()
        ]
    finally:
        for target in running.values():
            target.stop()


def search(bench: Bench, name: str, make: Callable[[], Target], first: int) -> Round | None:
    """The round with the most calls that was not full; each full one gets a second chance."""
    best, calls, target = None, first, make()
    try:
        while calls <= MOST_CALLS:
            found = shown(bench.measure(name, target, calls))
            if found.is_full:
                found = shown(bench.measure(name, target, calls))
            if found.is_full:
                break
            best, calls = found, round(calls * GROWTH / 10) * 10
    finally:
        target.stop()
    return best


def shown(found: Round) -> Round:
    """One line of the table."""
    print(
        f"{found.target:<10}{found.calls:>6}{found.sent:>10}{found.lost * 100:>9.3f}"
        f"{found.cpu_us_per_packet:>9.2f}{found.p50_us:>8}{found.p99_us:>8}"
        f"{found.latest_us:>8}{found.stolen_percent:>8.1f}",
        flush=True,
    )
    return found


def median(rounds: Iterable[Round], target: str, figure: str) -> float:
    return float(statistics.median(getattr(r, figure) for r in rounds if r.target == target))


def summarize(rounds: list[Round]) -> dict[str, float]:
    """Ratios of medians; latency is what the relay adds to the direct way."""
    found: dict[str, float] = {}
    direct = median(rounds, "direct", "p50_us")
    others = [name for name in ("bare", "asterisk") if any(r.target == name for r in rounds)]
    for other in others:
        ours, theirs = (median(rounds, name, "cpu_us_per_packet") for name in ("ours", other))
        found[f"CPU per packet, ours / {other}"] = round(ours / theirs, 2)
        added, their_added = (median(rounds, name, "p50_us") - direct for name in ("ours", other))
        found[f"p50 added, ours / {other}"] = round(added / max(1.0, their_added), 3)
    return found


def find_capacity(
    bench: Bench, targets: dict[str, Callable[[], Target]], first: int
) -> tuple[list[Round], dict[str, float]]:
    best = [
        found
        for name in ("asterisk", "ours")
        if name in targets and (found := search(bench, name, targets[name], first))
    ]
    figures: dict[str, float] = {f"calls per core, {r.target}": r.calls for r in best}
    if len(best) == 2:
        figures["calls per core, ours / asterisk"] = round(best[1].calls / best[0].calls, 2)
    return best, figures


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--search", action="store_true", help="how many calls a core carries")
    parser.add_argument("--first", type=int, default=100, help="calls that the search begins with")
    parser.add_argument("--real-time", action="store_true")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    allow_descriptors()
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as directory:
        programs = Path(directory)
        compile_programs(programs)
        place = Place(cores[0], chosen.real_time)
        bench = Bench(programs / "rtp_generator", place, chosen.seconds)
        targets = makers(programs, Place(cores[-1], chosen.real_time))
        print("target     calls      sent   lost %   CPU µs     p50     p99    late  stolen %")
        rounds = alternate(bench, targets, chosen.calls, chosen.rounds) if chosen.rounds else []
        figures = summarize(rounds) if rounds else {}
        if chosen.search:
            best, found = find_capacity(bench, targets, chosen.first)
            rounds, figures = rounds + best, figures | found
    for name, value in figures.items():
        print(f"{name:<36}{value:>8g}")
    if chosen.json:
        told = {"figures": figures, "rounds": [asdict(r) for r in rounds]}
        chosen.json.write_text(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
