"""One UDP port of a reference stream: its socket, and whom it believes (native/port.c).

Owns the socket. One unconnected socket serves; every source is compared in Python.
"""

from __future__ import annotations

import contextlib
import socket
from enum import Enum, auto

from appliance.media.api import SourceLocked

Address = tuple[str, int]
DSCP_EF_OCTET = 46 << 2  # RFC 3246, RFC 4594 §4.1
WINDOW_S = 1.5
LOWEST_SOURCE_PORT = 1024


class PortState(Enum):
    SILENT = auto()  # no remote yet: nobody is heard, nothing is sent
    FIXED = auto()  # the signalled address and no other
    LEARNING = auto()  # behind NAT, nothing valid came yet
    LEARNED = auto()  # behind NAT, the first valid source


class ReferencePort:
    """RTP or RTCP; raises OSError from the constructor when the port is taken."""

    __slots__ = (
        "_signalled",
        "_signalled_from",
        "_window_ends",
        "local",
        "remote",
        "socket",
        "state",
    )

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            if family == socket.AF_INET6:
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, DSCP_EF_OCTET)
            else:
                self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, DSCP_EF_OCTET)
            self.socket.bind((host, port))
        except OSError:
            self.socket.close()
            raise
        self.local: Address = (host, port)
        self.state = PortState.SILENT
        self.remote: Address | None = None
        self._signalled: Address | None = None
        self._signalled_from = ""
        self._window_ends = 0.0

    @property
    def is_known(self) -> bool:
        """The far end is fixed or learned."""
        return self.state in (PortState.FIXED, PortState.LEARNED)

    @property
    def is_learning(self) -> bool:
        return self.state is PortState.LEARNING

    def is_of_family(self, host: str) -> bool:
        return (":" in host) == (":" in self.local[0])

    def set_remote(self, remote: Address) -> None:
        """Forget the old far end; raises OSError where there is no way or it is forbidden."""
        self._probe(remote)
        self.remote = self._signalled = remote
        self.state = PortState.FIXED

    def begin_learning(self, remote: Address, signalled_from: str) -> None:
        """The same where the address may lie: the first valid source on its host, or on the host
        that signalling came from, counts; the address itself is better."""
        try:
            self._probe(remote)
        except PermissionError:
            raise
        except OSError:
            pass  # no way there: the true source will be another
        self.remote = self._signalled = remote
        self._signalled_from = signalled_from
        self.state = PortState.LEARNING
        self._window_ends = 0.0

    def silence(self) -> None:
        self.state = PortState.SILENT
        self.remote = None

    def is_from_remote(self, source: Address) -> bool:
        return self.remote == source

    def may_learn(self, source: Address, now: float) -> bool:
        """True when this source may become the far end now."""
        if source[1] < LOWEST_SOURCE_PORT:
            return False
        if self.state is PortState.LEARNING:
            return self._credit(source) > 0
        is_open = self.state is PortState.LEARNED and now < self._window_ends
        return is_open and self._credit(source) > self._credit(self.remote)

    def learn(self, source: Address, now: float, stream: int) -> SourceLocked:
        """The first valid packet came from here."""
        if self.state is PortState.LEARNING:
            self._window_ends = now + WINDOW_S
        self.state = PortState.FIXED if source == self._signalled else PortState.LEARNED
        self.remote = source
        return SourceLocked(stream, *source)

    def _probe(self, remote: Address) -> None:
        with socket.socket(self.socket.family, socket.SOCK_DGRAM) as probe:
            probe.bind((self.local[0], 0))
            probe.connect(remote)

    def _credit(self, source: Address | None) -> int:
        """How much signalling says for this source: 2 it is the described address, 1 its host is
        that of the description or that of signalling, 0 nothing."""
        if source is None or source == self._signalled:
            return 2
        described_host = self._signalled[0] if self._signalled else ""
        return int(source[0] in (self._signalled_from, described_host))

    def send(self, data: bytes) -> bool:
        """False when nothing was sent."""
        if self.remote is None:
            return False
        with contextlib.suppress(OSError):
            self.socket.sendto(data, self.remote)
            return True
        return False
