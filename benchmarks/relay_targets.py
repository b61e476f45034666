"""What can relay the calls of benchmarks/relay.py: nothing, a bare C relay, our box, Asterisk.

Each target owns a process on one processor core, and knows for every party of every call where that
party has to send. Our box and Asterisk are whole exchanges: their calls are made by SIP.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import yaml

from benchmarks.measure import until_options
from benchmarks.peers import asterisk
from benchmarks.standing_calls import Address, StandingCalls

HOST = "127.0.0.1"
GENERATOR_PORT = 9000
_OUR_SIP, _PEER_SIP = 25160, 25161
_OUR_RTP, _PEER_RTP = (30000, 45998), (10000, 27999)
_USERS = 40
_REAL_TIME_PRIORITY = 1


@dataclass(frozen=True)
class Place:
    """core: where a target runs; is_real_time: ahead of everybody else on the machine (root)."""

    core: int
    is_real_time: bool

    def take(self) -> None:
        """Put this process there."""
        os.sched_setaffinity(0, {self.core})
        if self.is_real_time:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_REAL_TIME_PRIORITY))


class Target(Protocol):
    """pid 0: no process. relays(calls): where each party sends to, once that many calls stand."""

    pid: int

    def relays(self, calls: int) -> list[Address]: ...
    def stop(self) -> None: ...


def party_host(party: int) -> str:
    """The address of one party: callers in 127.16, those called in 127.32."""
    call, side = divmod(party, 2)
    return f"127.{16 + 16 * side}.{call // 250}.{call % 250 + 1}"


def secrets() -> dict[str, str]:
    return {str(n): f"Secret-of-{n}-phone" for n in range(20000, 20000 + _USERS)}


class Direct:
    """No relay at all: what the generator and the kernel take by themselves."""

    pid = 0

    def relays(self, calls: int) -> list[Address]:
        return [(party_host(party ^ 1), GENERATOR_PORT) for party in range(2 * calls)]

    def stop(self) -> None: ...


class Bare:
    """native/bare_relay.c: the yardstick. Started anew for another number of calls."""

    def __init__(self, program: Path, place: Place) -> None:
        self._program, self._place = program, place
        self._process: subprocess.Popen[str] | None = None
        self._relays: list[Address] = []
        self.pid = 0

    def relays(self, calls: int) -> list[Address]:
        if len(self._relays) != 2 * calls:
            self.stop()
            hosts = [party_host(party) for party in range(2 * calls)]
            self._process = subprocess.Popen(
                [str(self._program), str(GENERATOR_PORT), *hosts],
                stdout=subprocess.PIPE,
                text=True,
                preexec_fn=self._place.take,
            )
            assert self._process.stdout is not None
            self.pid = self._process.pid
            self._relays = [(HOST, int(port)) for port in self._process.stdout.readline().split()]
        return self._relays

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()


class Ours:
    """A whole box: ``dozvon run`` with authenticated phones."""

    def __init__(self, place: Place) -> None:
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        extensions = [
            {"number": number, "secret": secret, "max_calls": 100}
            for number, secret in secrets().items()
        ]
        office = {"site": {"name": "Bench"}, "extensions": extensions}
        (folder / "office.yaml").write_text(yaml.safe_dump(office))
        command = [sys.executable, "-m", "appliance", "run", "--bind", HOST]
        command += ["--data", str(folder / "data"), "--config", str(folder / "office.yaml")]
        command += ["--sip-port", str(_OUR_SIP), "--rtp-ports", "{}-{}".format(*_OUR_RTP)]
        started = time.monotonic()
        with (folder / "box.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, preexec_fn=place.take
            )
        self.pid = self._process.pid
        until_options((HOST, _OUR_SIP), started)
        self._calls = StandingCalls((HOST, _OUR_SIP), secrets(), GENERATOR_PORT)

    def relays(self, calls: int) -> list[Address]:
        return grown(self._calls, calls)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(30)
        self._calls.__exit__()
        self._folder.cleanup()


class Peer:
    """Asterisk with the least that such calls need; direct_media=no."""

    def __init__(self, place: Place) -> None:
        setup = asterisk.Setup(
            _PEER_SIP, secrets(), rtp_ports=_PEER_RTP, cores=frozenset({place.core})
        )
        self._asterisk = asterisk.Asterisk(setup)
        self.pid = self._asterisk.pid
        if place.is_real_time:
            for task in Path(f"/proc/{self.pid}/task").iterdir():
                priority = os.sched_param(_REAL_TIME_PRIORITY)
                os.sched_setscheduler(int(task.name), os.SCHED_RR, priority)
        self._calls = StandingCalls((HOST, _PEER_SIP), secrets(), GENERATOR_PORT)

    def relays(self, calls: int) -> list[Address]:
        return grown(self._calls, calls)

    def stop(self) -> None:
        self._asterisk.stop()
        self._calls.__exit__()


def grown(standing: StandingCalls, calls: int) -> list[Address]:
    """Make calls until there are so many."""
    for call in range(len(standing.relays) // 2, calls):
        standing.add(party_host(2 * call), party_host(2 * call + 1))
    return standing.relays[: 2 * calls]


def makers(programs: Path, place: Place) -> dict[str, Callable[[], Target]]:
    """The targets that can be had on this machine."""
    found: dict[str, Callable[[], Target]] = {
        "direct": Direct,
        "bare": lambda: Bare(programs / "bare_relay", place),
        "ours": lambda: Ours(place),
    }
    if asterisk.is_installed():
        found["asterisk"] = lambda: Peer(place)
    return found
