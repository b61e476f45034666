"""CPU per relayed RTP packet: our media core against a bare C epoll relay, in one run.

    python benchmarks/relay.py [--calls 100] [--seconds 4] [--rounds 3] [--json]

The relay runs on one core and the generator on another; rounds alternate between the two relays,
so that whatever else the machine does falls on both. Only the ratio is worth comparing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

NATIVE = Path(__file__).parent / "native"
PROGRAMS = ("bare_relay", "rtp_generator")
RELAYS = ("bare", "ours")


@dataclass(frozen=True, slots=True)
class Round:
    """One relay, one run."""

    relay: str
    sent: int
    received: int
    cpu_us_per_packet: float
    p50_us: int
    p99_us: int


def compile_programs(directory: Path) -> None:
    for name in PROGRAMS:
        source, program = NATIVE / f"{name}.c", directory / name
        command = ["cc", "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror"]
        subprocess.run([*command, str(source), "-o", str(program)], check=True)


def cpu_ns(pid: int) -> int:
    """What the process's threads have used (exact, not sampled by ticks)."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)


def pinned(core: int, command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line:
        raise SystemExit("a program of the benchmark ended early")
    return line


def measure(relay: str, directory: Path, calls: int, seconds: float) -> Round:
    cores = sorted(os.sched_getaffinity(0))
    generator = pinned(cores[0], [str(directory / "rtp_generator"), str(calls), str(seconds)])
    far_ports = read_line(generator).split()
    command = [str(directory / "bare_relay")]
    if relay == "ours":
        command = [sys.executable, __file__, "--serve"]
    server = pinned(cores[-1], [*command, *far_ports])
    try:
        own_ports = read_line(server)
        before = cpu_ns(server.pid)
        assert generator.stdin is not None
        generator.stdin.write(own_ports + "\n")
        generator.stdin.flush()
        sent, received, p50_us, p99_us = map(int, read_line(generator).split())
        used_us = (cpu_ns(server.pid) - before) / 1000
        return Round(relay, sent, received, used_us / max(1, received), p50_us, p99_us)
    finally:
        server.kill()
        server.wait()
        generator.kill()
        generator.wait()


def serve(far_ports: list[int]) -> None:
    """Be our relay: two connected streams for each call, until killed."""
    from appliance.media.session import NativeMediaPlane
    from appliance.sdp.media import RemoteAddress

    plane = NativeMediaPlane()
    streams = []
    for port in far_ports:
        stream = plane.open("127.0.0.1")
        stream.set_remote(RemoteAddress("127.0.0.1", port, port), is_behind_nat=False)
        streams.append(stream)
    for one, other in zip(streams[::2], streams[1::2], strict=True):
        one.connect(other)
    print(*(stream.port for stream in streams), flush=True)
    sys.stdin.read()


def report(rounds: list[Round], as_json: bool) -> None:
    medians = {
        relay: statistics.median(r.cpu_us_per_packet for r in rounds if r.relay == relay)
        for relay in RELAYS
    }
    ratio = medians["ours"] / medians["bare"]
    if as_json:
        print(json.dumps({"ratio": round(ratio, 3), "rounds": [asdict(r) for r in rounds]}))
        return
    print(f"{'relay':<8}{'sent':>10}{'lost':>8}{'CPU µs/packet':>16}{'p50 µs':>9}{'p99 µs':>9}")
    for r in rounds:
        lost = r.sent - r.received
        figures = f"{r.sent:>10}{lost:>8}{r.cpu_us_per_packet:>16.2f}{r.p50_us:>9}{r.p99_us:>9}"
        print(f"{r.relay:<8}{figures}")
    print(f"ours / bare, medians of CPU per packet: {ratio:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", nargs="*", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve is not None:
        serve(chosen.serve)
        return
    with tempfile.TemporaryDirectory() as directory:
        compile_programs(Path(directory))
        rounds = [
            measure(relay, Path(directory), chosen.calls, chosen.seconds)
            for _ in range(chosen.rounds)
            for relay in RELAYS
        ]
    report(rounds, chosen.json)


if __name__ == "__main__":
    main()
