"""Nothing leaks: calls for hours, and memory, descriptors, tasks and ports stay as they were.

Starts a box on loopback, brings 5 calls a second, looks at it twice a minute. After the warm-up
(allocators, caches and logs fill) nothing may grow; what grows is named and the exit status is 1.
Usage: python -m benchmarks.soak [--hours 1] [--rate 5] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from appliance.net import control_client
from benchmarks import measure
from benchmarks.office import Box, Phones

USERS = 200
HOLD_MS = 1000
REFRESH_S = 900.0  # phones' registrations last for half an hour
#: What may differ between the first and the last third of the looks.
MOST_GROWTH_MB = 3.0
MOST_GROWTH_MB_AN_HOUR = 2.0
OF_CALLS = ("legs", "sessions", "sessions_of_legs", "streams", "streams_of_legs", "standing")
MOST_MORE = 40  # descriptors or things: some calls more may be alive at one moment than at another


@dataclass(frozen=True)
class Look:
    """The box at one moment. alive: how many things of each kind it holds."""

    at_s: float
    resident_mb: float
    descriptors: int
    threads: int
    calls: int
    alive: dict[str, int]

    @property
    def things(self) -> int:
        return sum(self.alive.values())


def look(box: Box, began: float) -> Look:
    status = control_client.call(box.data / "control.sock", "status")
    return Look(
        round(time.monotonic() - began, 1),
        measure.memory(box.pid).resident_mb,
        measure.descriptors(box.pid),
        len(list(Path(f"/proc/{box.pid}/task").iterdir())),
        status["calls"],
        status["alive"],
    )


@dataclass(frozen=True)
class Plan:
    """Seconds. warm: before the first look; settle: after the last call, before the last look."""

    soak: float
    rate: int
    every: float
    warm: float
    settle: float = 40.0  # transactions live for 32 s after their last message


def soak(plan: Plan) -> tuple[list[Look], Look, int]:
    """Looks after the warm-up, one when all calls are over, and how many calls failed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        box = Box(folder, USERS)
        phones = Phones(folder, USERS)
        try:
            phones.register(USERS, 100)
            began, failed, looks = time.monotonic(), [0], []
            count = int((plan.soak + plan.warm) * plan.rate)

            def bring() -> None:
                failed[0] = phones.call(count, plan.rate, HOLD_MS).failed

            bringing = threading.Thread(target=bring)
            bringing.start()
            bringing.join(plan.warm)
            registered = began
            while bringing.is_alive():
                if time.monotonic() - registered > REFRESH_S:
                    registered = time.monotonic()
                    phones.register(USERS, 20)
                looks.append(look(box, began))
                print(_shown(looks[-1]), flush=True)
                bringing.join(plan.every)
            time.sleep(plan.settle)
            return looks, look(box, began), failed[0]
        finally:
            phones.close()
            box.stop()


def _shown(seen: Look) -> str:
    return (
        f"{seen.at_s:8.0f} s  {seen.resident_mb:6.1f} MB  {seen.descriptors:4d} descriptors"
        f"  {seen.threads} threads  {seen.calls:3d} calls  {seen.things:5d} things"
    )


def growth(looks: list[Look], last: Look, hours: float) -> list[str]:
    """What grew, in words; empty when all is flat."""
    third = max(1, len(looks) // 3)
    early, late = looks[:third], looks[-third:]

    def grew(name: str) -> float:
        def least(some: list[Look]) -> float:
            return min(float(getattr(seen, name)) for seen in some)

        return least(late) - least(early)

    problems = []
    if grew("resident_mb") > MOST_GROWTH_MB + MOST_GROWTH_MB_AN_HOUR * hours:
        problems.append(f"memory by {grew('resident_mb'):.1f} MB")
    for name in ("descriptors", "threads", "things"):
        if grew(name) > MOST_MORE:
            problems.append(f"{name} by {grew(name):.0f}")
    left = {kind: n for kind, n in last.alive.items() if n and kind in OF_CALLS}
    if last.calls or left:
        problems.append(f"after the last call there were still {last.calls} calls, {left}")
    return problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--rate", type=int, default=5, help="calls a second")
    parser.add_argument("--every", type=float, default=30.0, help="seconds between looks")
    parser.add_argument("--warm-up", type=float, default=120.0, help="seconds")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    plan = Plan(args.hours * 3600, args.rate, args.every, args.warm_up)
    looks, last, failed = soak(plan)
    print(_shown(last))
    problems = growth(looks, last, args.hours)
    if failed:
        problems.append(f"{failed} calls failed")
    if args.json:
        seen = {"looks": [asdict(each) for each in [*looks, last]], "problems": problems}
        args.json.write_text(json.dumps(seen, indent=1))
    print("grew: " + "; ".join(problems) if problems else "flat")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
