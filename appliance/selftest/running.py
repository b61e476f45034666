"""The test's telephone as a process: started, listened to, and ended whatever it does.

Owns the process and its ports for the length of one test. pyVoIP hangs for ever when it meets an
answer that it does not expect; so there is a hard time limit, and then SIGKILL to its whole group.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

LIMIT_S = 20.0
PHONE = (sys.executable, "-m", "appliance.selftest.phone")
_FIRST_RTP_PORT = 41_000
_LAST_RTP_PORT = 48_000


@dataclass(frozen=True, slots=True)
class Life:
    """What the telephone told, in order; ending: ``done``, ``hung`` (killed) or ``broken``;
    last_words: of standard error."""

    events: tuple[dict[str, Any], ...]
    ending: str
    last_words: str = ""

    def event(self, name: str) -> dict[str, Any] | None:
        """The first event of a name."""
        return next((e for e in self.events if e.get("event") == name), None)


def live(account: dict[str, Any], limit_s: float = LIMIT_S, argv: Sequence[str] = PHONE) -> Life:
    """Run the telephone to its end, or to the limit. account: host, port, number, secret, code."""
    wanted = account | {"sip_port": _free_port(account["host"]), "rtp_ports": _rtp_ports(account)}
    with subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            _give(process, json.dumps(wanted).encode())
            heard, is_over = _listen(process, time.monotonic() + limit_s)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    events = tuple(_events(heard["out"]))
    words = heard["err"].decode("utf-8", "replace").strip().rpartition("\n")[2][:200]
    if not is_over:
        return Life(events, "hung", words)
    return Life(events, "done" if any(e["event"] == "over" for e in events) else "broken", words)


def _give(process: subprocess.Popen[bytes], data: bytes) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.write(data)
        process.stdin.close()


def _listen(process: subprocess.Popen[bytes], deadline: float) -> tuple[dict[str, bytearray], bool]:
    """All output until its end, or until ``over`` is told, or the deadline; False for the last.

    pyVoIP's threads may keep the process alive after everything was told.
    """
    heard = {"out": bytearray(), "err": bytearray()}
    with selectors.DefaultSelector() as selector:
        for name, stream in (("out", process.stdout), ("err", process.stderr)):
            assert stream is not None
            selector.register(stream, selectors.EVENT_READ, name)
        while selector.get_map():
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return heard, False
            for key, _ in selector.select(left_s):
                octets = os.read(key.fd, 65536)
                heard[key.data] += octets
                if not octets:
                    selector.unregister(key.fileobj)
            if b'{"event": "over"}' in heard["out"]:
                return heard, True
    return heard, True


def _events(output: bytearray) -> list[dict[str, Any]]:
    lines = output.decode("utf-8", "replace").splitlines()
    found = []
    for line in lines:
        with suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict) and "event" in event:
                found.append(event)
    return found


def _free_port(host: str) -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((host, 0))
        port: int = sock.getsockname()[1]
        return port


def _rtp_ports(account: dict[str, Any]) -> tuple[int, int]:
    """A few ports in a row that are free now; pyVoIP takes one of them by chance."""
    for first in range(_FIRST_RTP_PORT, _LAST_RTP_PORT, 10):
        with suppress(OSError):
            for port in range(first, first + 10):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                    sock.bind((account["host"], port))
            return first, first + 9
    return _FIRST_RTP_PORT, _LAST_RTP_PORT
