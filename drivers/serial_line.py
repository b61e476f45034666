"""Opens serial devices and remote ones, raw: a descriptor without line discipline, ours alone.

Owns nothing: who opens, closes. A path is a tty (UART, USB, pty); ``socket://host:port`` in its
place is a device behind ser2net or the like. Modem control is tried and not insisted upon.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import termios
from pathlib import Path

_CONNECT_S = 3.0
BAUD_RATES = {
    9600: termios.B9600,
    19200: termios.B19200,
    38400: termios.B38400,
    57600: termios.B57600,
    115200: termios.B115200,
    230400: termios.B230400,
    460800: termios.B460800,
    921600: termios.B921600,
}


def open_serial(path: str | Path, baud: int = 115200) -> int:
    """A non-blocking descriptor; OSError if there is no such device or somebody holds it.

    baud: of BAUD_RATES, ValueError otherwise; USB devices ignore it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        set_raw(descriptor, baud)
        with contextlib.suppress(OSError):
            fcntl.ioctl(descriptor, termios.TIOCEXCL)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def set_raw(descriptor: int, baud: int) -> None:
    """No line discipline, eight bits, this speed; what waits in either direction is dropped."""
    if baud not in BAUD_RATES:
        raise ValueError(f"{baud} baud: one of {', '.join(map(str, BAUD_RATES))}")
    _, _, control, _, _, _, characters = termios.tcgetattr(descriptor)
    control &= ~(termios.CSIZE | termios.PARENB | termios.CSTOPB | termios.CRTSCTS)
    control |= termios.CS8 | termios.CREAD | termios.CLOCAL
    characters[termios.VMIN], characters[termios.VTIME] = 1, 0
    speed = BAUD_RATES[baud]
    attributes = [0, 0, control, 0, speed, speed, characters]
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)
    termios.tcflush(descriptor, termios.TCIOFLUSH)


def open_remote(place: str) -> int:
    """``host:port`` of a serial server; OSError if it cannot be reached within 3 s."""
    host, _, port = place.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), _CONNECT_S) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        return connection.detach()
