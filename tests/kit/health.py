"""Whether a running box took harm: errors in its log, memory, what it holds.

Owns nothing. Made before the harm is tried; ``check`` after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.kit.box import Box
from tests.kit.processes import wait_until

#: Seconds after which no transaction of a finished exchange may live (64 * T1, RFC 3261 §17).
LONGEST_TRANSACTION_S = 32.0
_OF_CALLS = ("legs", "sessions_of_legs", "streams_of_legs", "sessions", "streams")


class Health:
    """What the box was like at the beginning."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._alive = alive(box)
        self._memory_kib = memory_kib(box)
        self._log_octets = len(box.log())

    def check(self, growth_kib: int = 20_000) -> None:
        """No errors in the log, no calls, nothing held of them, memory as before."""
        self.check_log()
        self.wait_for_rest()
        grown = memory_kib(self._box) - self._memory_kib
        assert grown < growth_kib, f"memory has grown by {grown} KiB"

    def check_log(self) -> None:
        """No error was logged since the beginning."""
        new = self._box.log()[self._log_octets :]
        bad = [n for n, line in enumerate(new.splitlines()) if is_bad(line)]
        assert not bad, "\n".join(new.splitlines()[max(0, bad[0] - 3) : bad[0] + 40])

    def wait_for_rest(
        self, timeout_s: float = LONGEST_TRANSACTION_S + 8, *, whole: bool = False
    ) -> None:
        """Wait until nothing of calls is held; whole: transactions, requests and tasks too."""
        names = tuple(self._alive) if whole else _OF_CALLS

        def more() -> Mapping[str, tuple[int, int]]:
            now = alive(self._box)
            return {n: (self._alive[n], now[n]) for n in names if now[n] > self._alive[n]}

        wait_until(
            lambda: self._box.control("status")["calls"] == 0 and not more(),
            timeout_s,
            "the box is at rest",
            lambda: f"before and now: {dict(more())}\n{self._box.program.tail()}",
        )


def is_bad(line: str) -> bool:
    """True for a line of the log that tells of a defect of ours."""
    return "Traceback" in line or "ERROR" in line or "CRITICAL" in line


def alive(box: Box) -> dict[str, int]:
    """What the box holds (docs/control.md, ``alive``)."""
    held: dict[str, int] = box.control("status")["alive"]
    return held


def memory_kib(box: Box) -> int:
    """The process's resident memory."""
    for line in Path(f"/proc/{box.program.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS: the box does not run")
