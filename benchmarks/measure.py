"""What a program under measurement used: processor time, memory, and when it answers first.

Reads /proc of a process and its children, and their clocks (clock_getcpuclockid(3)): figures of
/proc/PID/stat come in ticks of 10 ms, a clock's are exact. Nothing here knows which program it
looks at.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

TICK_HZ = os.sysconf("SC_CLK_TCK")
_PROBE_S = 0.01
_PROCESS_CLOCK = 2  # the kernel's CPUCLOCK_SCHED: beside a process id it makes a clock's number
_PARENT, _USER, _SYSTEM, _STOLEN = 1, 11, 12, 8  # fields, counted behind the program's name


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                children.setdefault(int(_fields(int(entry.name))[_PARENT]), []).append(
                    int(entry.name)
                )
    found, unseen = [], [pid]
    while unseen:
        found.append(unseen.pop())
        unseen += children.get(found[-1], [])
    return found


def cpu_s(pid: int) -> float:
    """User and system time of the whole family, seconds, in ticks of 10 ms."""
    ticks = 0
    for each in family(pid):
        with contextlib.suppress(OSError):
            fields = _fields(each)
            ticks += int(fields[_USER]) + int(fields[_SYSTEM])
    return ticks / TICK_HZ


def cpu_ns(pid: int) -> int:
    """Time on a processor of the whole family, nanoseconds, exact. Threads that have ended count,
    too: a peer makes one for each call."""
    used = 0
    for each in family(pid):
        with contextlib.suppress(OSError):
            used += time.clock_gettime_ns(~each << 3 | _PROCESS_CLOCK)
    return used


@dataclass(frozen=True)
class Memory:
    """MB of the whole family. resident counts shared pages for each process; share_mb counts a page
    that n processes share as 1/n; peak_mb: the highest resident so far."""

    resident_mb: float
    share_mb: float
    peak_mb: float


def memory(pid: int) -> Memory:
    resident = share = peak = 0
    for each in family(pid):
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{each}/status").read_text()
            resident += _kib(status, "VmRSS")
            peak += _kib(status, "VmHWM")
            share += _kib(Path(f"/proc/{each}/smaps_rollup").read_text(), "Pss")
    return Memory(*(round(kib / 1024, 1) for kib in (resident, share, peak)))


def descriptors(pid: int) -> int:
    return sum(1 for each in family(pid) for _ in Path(f"/proc/{each}/fd").iterdir())


def pin(pid: int, cores: Iterable[int]) -> None:
    """Keep every thread of the family on these processor cores."""
    chosen = set(cores)
    for each in family(pid):
        for task in _tasks(each):
            with contextlib.suppress(OSError):
                os.sched_setaffinity(int(task.name), chosen)


def go_first() -> None:
    """This process, and all that it starts from now on, before whatever else runs on the machine
    (SCHED_RR). Raises SystemExit where that is not allowed."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        raise SystemExit("only root may go before other programs") from None


def stolen_s() -> float:
    """Seconds that the hypervisor kept from all cores since the start of the machine."""
    first = Path("/proc/stat").read_text().partition("\n")[0].split()
    return int(first[_STOLEN]) / TICK_HZ


def refuse_taken(address: tuple[str, int]) -> None:
    """Somebody else's answers must not pass for those of the program under measurement."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind(address)
        except OSError as error:
            raise SystemExit(f"{address[0]}:{address[1]}: {error}") from error


def until_options(address: tuple[str, int], since: float, timeout_s: float = 60.0) -> float:
    """Seconds from ``since`` (monotonic) until the program answers an OPTIONS, whatever it says."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(address)
        probe.settimeout(_PROBE_S)
        attempt = 0
        while time.monotonic() - since < timeout_s:
            attempt += 1
            with contextlib.suppress(OSError):
                probe.send(_options(address, probe.getsockname(), attempt))
                if probe.recv(65535).startswith(b"SIP/2.0"):
                    return time.monotonic() - since
                continue
            time.sleep(_PROBE_S / 4)  # refused at once while nobody listens
    raise SystemExit(f"no answer to OPTIONS from {address[0]}:{address[1]}")


def _options(address: tuple[str, int], own: tuple[str, int], attempt: int) -> bytes:
    host, port = address
    lines = (
        f"OPTIONS sip:{host}:{port} SIP/2.0",
        f"Via: SIP/2.0/UDP {own[0]}:{own[1]};rport;branch=z9hG4bKprobe{own[1]}x{attempt}",
        "Max-Forwards: 70",
        f"From: <sip:probe@{host}>;tag=probe",
        f"To: <sip:{host}:{port}>",
        f"Call-ID: probe{own[1]}x{attempt}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:probe@{own[0]}:{own[1]}>",
        "Content-Length: 0",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def _fields(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _tasks(pid: int) -> Iterator[Path]:
    with contextlib.suppress(OSError):
        yield from Path(f"/proc/{pid}/task").iterdir()


def _kib(text: str, name: str) -> int:
    for line in text.splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0
