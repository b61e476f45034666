"""In the daemon's place: tries what the box needs and what it must not be able to, and notes it.

Started by a copy of dozvon.service (test_real_systemd.py) with the system's own Python; imports
nothing of ours, for the program is another's here.
"""

from __future__ import annotations

import errno
import json
import os
import socket
from collections.abc import Callable

DATA, PROGRAM = "/var/lib/dozvon", "/opt/dozvon"


def write(path: str) -> None:
    with open(path, "w") as file:
        file.write("x")


def open_device(path: str) -> None:
    os.close(os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK))


def real_time() -> None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def low_port() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 81))


def said(deed: Callable[[], object]) -> str:
    try:
        deed()
    except OSError as error:
        is_none = error.errno in (errno.ENXIO, errno.EIO)  # no such port of the driver
        return "ENODEV" if is_none else errno.errorcode[error.errno or 0]
    return "ok"


deeds: dict[str, Callable[[], object]] = {
    "write its data": lambda: write(f"{DATA}/probe"),
    "write the program": lambda: write(f"{PROGRAM}/probe"),
    "write /etc": lambda: write("/etc/probe"),
    "see homes": lambda: os.listdir("/home"),
    "a real-time class": real_time,
    "a socket of netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close(),
    "a raw socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close(),
    "a port below 1024": low_port,
}
for device in ("ttyS7", "ttyUSB0", "ttyACM0", "i2c-1", "sdz"):
    path = f"/dev/{device}"
    deeds[f"open {path}"] = lambda path=path: open_device(path)  # type: ignore[misc]
results = {name: said(deed) for name, deed in deeds.items()}
with open(f"{DATA}/probe.json", "w") as file:
    json.dump(results, file)
