"""What a registration and a call cost the box, how large it is, how fast it starts.

Starts a real box on loopback, drives it with sipp, reads /proc. Every figure is whole-process CPU
(user + system) of the daemon. Machines differ and are noisy: compare figures of one run only.
Usage: python benchmarks/signalling.py [--rate 40] [--calls 600] [--users 200] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
TICK = os.sysconf("SC_CLK_TCK")
FIRST = 20000


@dataclass(frozen=True)
class Ports:
    sip: int
    caller: int
    answer: int
    register: int


def secret(number: int) -> str:
    return f"Secret-of-{number}-phone"


def write_office(path: Path, users: int) -> None:
    extensions = [{"number": str(FIRST + i), "secret": secret(FIRST + i)} for i in range(users)]
    path.write_text(yaml.safe_dump({"site": {"name": "Bench"}, "extensions": extensions}))


def write_csv(path: Path, users: int) -> None:
    lines = ["SEQUENTIAL"]
    for i in range(users):
        number, called = FIRST + i, FIRST + (i + users // 2) % users
        proof = f"[authentication username={number} password={secret(number)}]"
        lines.append(f"{number};{proof};{called}")
    path.write_text("\n".join(lines) + "\n")


class Box:
    """A running daemon."""

    def __init__(self, folder: Path, ports: Ports, users: int) -> None:
        write_office(folder / "office.yaml", users)
        command = [sys.executable, "-m", "appliance", "run", "--data", str(folder / "data")]
        command += ["--config", str(folder / "office.yaml"), "--bind", HOST]
        command += ["--sip-port", str(ports.sip), "--rtp-ports", "30000-45998"]
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
        started = time.monotonic()
        with (folder / "box.log").open("wb") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, env=environment
            )
        self.start_s = self._until_options(ports, started)

    def _until_options(self, ports: Ports, started: float) -> float:
        """Seconds until the first OPTIONS is answered."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((HOST, 0))
            probe.settimeout(0.02)
            own = probe.getsockname()[1]
            for attempt in range(3000):
                text = (
                    f"OPTIONS sip:{HOST} SIP/2.0\r\nVia: SIP/2.0/UDP {HOST}:{own};rport;"
                    f"branch=z9hG4bKprobe{attempt}\r\nFrom: <sip:p@{HOST}>;tag=1\r\n"
                    f"To: <sip:{HOST}>\r\nCall-ID: p{attempt}\r\nCSeq: 1 OPTIONS\r\n"
                    "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
                )
                try:
                    probe.sendto(text.encode(), (HOST, ports.sip))
                    probe.recv(2048)
                    return time.monotonic() - started
                except OSError:
                    time.sleep(0.005)
        raise SystemExit("the box does not answer")

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def memory_mb(self, what: str) -> float:
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(what + ":"):
                return round(int(line.split()[1]) / 1024, 1)
        return 0.0

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)


def sipp(folder: Path, scenario: str, port: int, *more: str) -> list[str]:
    return [
        "sipp",
        "-sf",
        str(HERE / "scenarios" / scenario),
        "-i",
        HOST,
        "-p",
        str(port),
        "-nostdin",
        "-timeout",
        "120",
        "-aa",  # answer OPTIONS
        *more,
    ]


def run_sipp(folder: Path, command: list[str]) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=180, check=False)
    if done.returncode:
        raise SystemExit(f"sipp failed ({done.returncode}):\n{done.stdout.decode()[-1500:]}")


def measure(args: argparse.Namespace) -> dict[str, float]:
    ports = Ports(sip=25060, caller=25080, answer=25090, register=25085)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        csv = folder / "users.csv"
        write_csv(csv, args.users)
        box = Box(folder, ports, args.users)
        answering = subprocess.Popen(
            sipp(folder, "answer.xml", ports.answer),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return _figures(args, box, folder, ports, csv)
        finally:
            answering.kill()
            answering.wait()
            box.stop()


def _figures(
    args: argparse.Namespace, box: Box, folder: Path, ports: Ports, csv: Path
) -> dict[str, float]:
    target = f"{HOST}:{ports.sip}"
    common = ["-inf", str(csv), target]
    time.sleep(1.0)
    idle_mb, before = box.memory_mb("VmRSS"), box.cpu_s()
    time.sleep(2.0)
    idle_cpu = (box.cpu_s() - before) / 2 * 100
    registrations = args.users * 2
    before = box.cpu_s()
    rate = ["-r", str(args.registration_rate), "-m", str(registrations)]
    keys = ["-key", "answer_port", str(ports.answer)]
    run_sipp(folder, sipp(folder, "register.xml", ports.register, *common, *rate, *keys))
    registration_ms = (box.cpu_s() - before) / registrations * 1000
    before = box.cpu_s()
    rate = ["-r", str(args.rate), "-m", str(args.calls), "-d", "200"]
    run_sipp(folder, sipp(folder, "call.xml", ports.caller, *common, *rate))
    call_ms = (box.cpu_s() - before) / args.calls * 1000
    return {
        "start_s": round(box.start_s, 3),
        "idle_rss_mb": idle_mb,
        "idle_cpu_percent": round(idle_cpu, 2),
        "registration_cpu_ms": round(registration_ms, 3),
        "call_cpu_ms": round(call_ms, 3),
        "peak_rss_mb": box.memory_mb("VmHWM"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=40, help="calls a second")
    parser.add_argument("--calls", type=int, default=600)
    parser.add_argument("--users", type=int, default=200)
    parser.add_argument("--registration-rate", type=int, default=200)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    figures = measure(args)
    for name, value in figures.items():
        print(f"{name:24} {value}")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
