"""What the service manager hears of us: sd_notify(3), through systemd-python.

Owns nothing but the way to the socket. A machine without systemd, or a start by hand, has no
NOTIFY_SOCKET: then nothing is sent and nothing is missed. systemd-python is the extra ``service``
of pyproject.toml; a unit that waits for us without it is told so in the log.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from importlib import import_module

log = logging.getLogger(__name__)
_MICROSECONDS = 1_000_000

Send = Callable[[str], object]


class Notifier:
    """``tell(READY=1)`` and the like; ``is_heard`` says whether anybody listens."""

    def __init__(self, send: Send | None) -> None:
        self._send = send

    @property
    def is_heard(self) -> bool:
        return self._send is not None

    def tell(self, **fields: str | int) -> None:
        """Send fields (sd_notify(3)); whoever does not listen is no reason to fail."""
        if self._send is None:
            return
        lines = (f"{name}={_one_line(value)}" for name, value in fields.items())
        try:
            self._send("\n".join(lines))
        except OSError as error:
            log.warning("systemd does not listen: %s", error)


def find_notifier(environ: Mapping[str, str] = os.environ) -> Notifier:
    """The service manager that started us, or nobody."""
    if not environ.get("NOTIFY_SOCKET"):
        return Notifier(None)
    try:
        library = import_module("systemd.daemon")
    except ImportError:
        log.error("systemd waits for a word and systemd-python is missing: pip install .[service]")
        return Notifier(None)
    return Notifier(library.notify)


def watchdog_s(environ: Mapping[str, str], pid: int) -> float | None:
    """How often we must be heard of (sd_watchdog_enabled(3)), seconds; None = nobody watches."""
    given, owner = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", str(pid))
    if not given.isdigit() or int(given) == 0 or owner != str(pid):
        return None
    return int(given) / _MICROSECONDS


def _one_line(value: str | int) -> str:
    return str(value).replace("\n", " ")
