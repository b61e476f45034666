"""systemd as a service sees it: a NOTIFY_SOCKET that writes down what it hears (sd_notify(3)).

Owns a Unix datagram socket in a folder of the test.
"""

from __future__ import annotations

import socket
from pathlib import Path
from types import TracebackType

_LARGEST_OCTETS = 4096
Message = dict[str, str]


class ServiceManager:
    """``environment(watchdog_s)`` for the service; ``hear()`` gives all messages so far."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "notify.sock"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(self._path))
        self.messages: list[Message] = []

    def environment(self, watchdog_s: float = 0.0) -> dict[str, str]:
        """What systemd puts into the environment of a Type=notify service."""
        watched = {"WATCHDOG_USEC": str(int(watchdog_s * 1e6))} if watchdog_s else {}
        return {"NOTIFY_SOCKET": str(self._path), **watched}

    def hear(self) -> list[Message]:
        while True:
            try:
                text = self._socket.recv(_LARGEST_OCTETS).decode()
            except BlockingIOError:
                return self.messages
            pairs = (line.partition("=") for line in text.splitlines())
            self.messages.append({name: value for name, _, value in pairs})

    def count(self, name: str) -> int:
        """How many messages had this field."""
        return sum(name in message for message in self.hear())

    def status(self) -> str:
        """The last STATUS; empty when there was none."""
        said = [message["STATUS"] for message in self.hear() if "STATUS" in message]
        return said[-1] if said else ""

    def __enter__(self) -> ServiceManager:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()
