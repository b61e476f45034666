"""Hears a multicast group of IPv4 on chosen interfaces, beside the sockets that are there already.

Owns the socket of the group, where none of ours is bound to everything at the group's port, and the
memory of where it has joined. Nothing is ever sent from here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from appliance.net.socket_options import is_wildcard
from appliance.net.udp import DatagramEar, UdpSocket


class GroupEar:
    """``hear`` again whenever interfaces or sockets have come or gone; then ``close``."""

    def __init__(self, ear: DatagramEar) -> None:
        self._ear = ear
        self._own: UdpSocket | None = None
        self._interfaces: set[int] = set()

    def hear(
        self, group: str, port: int, interfaces: Sequence[int], sockets: Sequence[UdpSocket]
    ) -> None:
        """Be a member on these interfaces (indexes) and on no others; without any, leave.

        sockets: ours of IPv4; one that is bound to everything at that port joins by itself. Raises
        UserError and OSError.
        """
        fitting = [s for s in sockets if s.port == port]
        for interface in self._interfaces - set(interfaces):
            for sock in (*fitting, *self._socket_of_its_own()):
                sock.part(group, interface)
        self._interfaces = set(interfaces)
        if not interfaces:
            self.close()
            return
        chosen = next((s for s in fitting if is_wildcard(s.host)), self._own)
        if chosen is None:
            chosen = self._own = UdpSocket(group, port, self._ear)
            chosen.start(asyncio.get_running_loop())
        for interface in interfaces:
            chosen.join(group, interface)

    def close(self) -> None:
        """Let the socket go, if there is one."""
        own, self._own = self._own, None
        if own is not None:
            own.close()

    def _socket_of_its_own(self) -> tuple[UdpSocket, ...]:
        return (self._own,) if self._own is not None else ()
