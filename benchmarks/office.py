"""An office to be measured: its phones, our box or a peer that serves them, and sipp that calls.

Every phone of this office registers from one port of loopback and is reached at another; all of
them are real accounts with strong secrets. Ours and a peer offer the same: ``pid``, ``start_s``,
``stop``.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import yaml

from benchmarks import measure
from benchmarks.peers.asterisk import Asterisk, Setup

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
FIRST = 20000
#: Two measurements at once need two: DOZVON_BENCH_PORT=26060.
SIP_PORT = int(os.environ.get("DOZVON_BENCH_PORT", "25060"))
CALLER_PORT, REGISTER_PORT, ANSWER_PORT = SIP_PORT + 20, SIP_PORT + 25, SIP_PORT + 30
#: Of ours four a call rest for 32 s afterwards: a shorter range is what a search for the most calls
#: a second would find.
RTP_PORTS = (SIP_PORT + 1000, 65_000)
#: Where generators and the program under measurement run, when there are cores to choose from.
GENERATOR_CORES, TARGET_CORES = ({0}, {1}) if (os.cpu_count() or 1) > 1 else (set(), set())


class Target(Protocol):
    """A running program under measurement. start_s: from exec to the first OPTIONS answered."""

    start_s: float

    @property
    def pid(self) -> int: ...
    def stop(self) -> None: ...


def secret(number: int) -> str:
    return f"Secret-of-{number}-phone"


class Box:
    """Our daemon on an empty data folder, with this many extensions."""

    def __init__(self, folder: Path, users: int, port: int = SIP_PORT) -> None:
        measure.refuse_taken((HOST, port))
        self.data = folder / "data"
        office = folder / "office.yaml"
        numbers = range(FIRST, FIRST + users)
        extensions = [{"number": str(n), "secret": secret(n)} for n in numbers]
        office.write_text(yaml.safe_dump({"site": {"name": "Bench"}, "extensions": extensions}))
        command = [sys.executable, "-m", "appliance", "run", "--data", str(self.data)]
        command += ["--config", str(office), "--bind", HOST, "--sip-port", str(port)]
        command += ["--rtp-ports", f"{RTP_PORTS[0]}-{RTP_PORTS[1]}"]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
        self.log = folder / "box.log"
        started = time.monotonic()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, env=environment
            )
        if TARGET_CORES:
            measure.pin(self._process.pid, TARGET_CORES)
        self.start_s = measure.until_options((HOST, port), started)

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)


def start(name: str, folder: Path, users: int) -> Target:
    """``ours`` or ``asterisk``, serving this office."""
    if name == "ours":
        return Box(folder, users)
    secrets = {str(n): secret(n) for n in range(FIRST, FIRST + users)}
    cores = frozenset(TARGET_CORES)
    return Asterisk(Setup(SIP_PORT, secrets, rtp_ports=RTP_PORTS, cores=cores))


@dataclass(frozen=True)
class Outcome:
    """What sipp counted. wall_s: how long all of it took."""

    done: int
    failed: int
    resent: int
    wall_s: float


class Phones:
    """All phones of the office, by two sipps: one calls or registers, one answers."""

    def __init__(self, folder: Path, users: int, sip_port: int = SIP_PORT) -> None:
        self._folder = folder
        self._target = f"{HOST}:{sip_port}"
        self._csv = folder / "users.csv"
        lines = [_line(i, users) for i in range(users)]
        self._csv.write_text("\n".join(["SEQUENTIAL", *lines]) + "\n")
        self._answering = self._popen("answer.xml", ANSWER_PORT, "-timeout", "100000")

    def close(self) -> None:
        self._answering.kill()
        self._answering.wait()

    def register(self, count: int, rate: int) -> Outcome:
        """REGISTER, 401, REGISTER, 200; raises SystemExit when sipp could not even begin."""
        keys = ("-key", "answer_port", str(ANSWER_PORT))
        return self._run("register.xml", REGISTER_PORT, count, rate, *keys)

    def call(self, count: int, rate: int, hold_ms: int = 200) -> Outcome:
        """INVITE, 401, INVITE, 180, 200, talk, BYE."""
        return self._run("call.xml", CALLER_PORT, count, rate, "-d", str(hold_ms))

    def _run(self, scenario: str, port: int, count: int, rate: int, *more: str) -> Outcome:
        statistics = self._folder / f"{scenario}.csv"
        began = time.monotonic()
        limit_s = count / rate + 120
        options = ("-inf", str(self._csv), "-r", str(rate), "-m", str(count), "-l", "20000")
        options += ("-trace_stat", "-stf", str(statistics), "-fd", "1", "-recv_timeout", "8000")
        process = self._popen(
            scenario, port, *options, *more, "-timeout", str(int(limit_s)), self._target
        )
        process.wait(limit_s + 30)
        wall_s = time.monotonic() - began
        head, *rows = [line.split(";") for line in statistics.read_text().splitlines()]
        if not rows:
            raise SystemExit(f"sipp did not begin ({scenario}): is port {port} taken?")
        said = dict(zip(head, rows[-1], strict=False))
        return Outcome(
            int(said["SuccessfulCall(C)"]),
            int(said["FailedCall(C)"]),
            int(said["Retransmissions(C)"]),
            wall_s,
        )

    def _popen(self, scenario: str, port: int, *more: str) -> subprocess.Popen[bytes]:
        command = ["sipp", "-sf", str(HERE / "scenarios" / scenario), "-i", HOST]
        command += ["-p", str(port), "-nostdin", "-aa", "-buff_size", "4194304", *more]
        process = subprocess.Popen(
            command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if GENERATOR_CORES:
            measure.pin(process.pid, GENERATOR_CORES)
        return process


def _line(index: int, users: int) -> str:
    number, called = FIRST + index, FIRST + (index + users // 2) % users
    proof = f"[authentication username={number} password={secret(number)}]"
    return f"{number};{proof};{called}"


@contextmanager
def open_office(name: str, users: int) -> Iterator[tuple[Target, Phones]]:
    """A fresh target with its phones; everything is ended and taken away afterwards."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        target = start(name, folder, users)
        try:
            phones = Phones(folder, users)
            try:
                yield target, phones
            finally:
                phones.close()
        finally:
            target.stop()
