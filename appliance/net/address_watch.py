"""Hears from the kernel that addresses, ways or cables of this machine have changed.

Owns a netlink socket in the event loop (rtnetlink(7)). One change brings many messages: who listens
is told once, a moment after the first. Where netlink is missing nothing is told, and changes are
found by those who ask for an address now and then (own_address.py, legs/trunks/line.py).
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable

from appliance.clock import Alarm, Clock
from appliance.net.netlink import NETLINK_ROUTE

log = logging.getLogger(__name__)
GATHER_S = 1.0
_LINK, _IPV4_ADDRESS, _IPV4_ROUTE = 0x1, 0x10, 0x40
_IPV6_ADDRESS, _IPV6_ROUTE = 0x100, 0x400
_GROUPS = _LINK | _IPV4_ADDRESS | _IPV4_ROUTE | _IPV6_ADDRESS | _IPV6_ROUTE
_LARGEST_OCTETS = 65536


class AddressWatch:
    """``changed()`` is called after every change, at most once in GATHER_S."""

    def __init__(self, clock: Clock, changed: Callable[[], None]) -> None:
        self._clock = clock
        self._changed = changed
        self._socket: socket.socket | None = None
        self._alarm: Alarm | None = None

    def start(self) -> None:
        kind = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        try:
            self._socket = socket.socket(socket.AF_NETLINK, kind, NETLINK_ROUTE)
            self._socket.bind((0, _GROUPS))
        except OSError as error:
            log.warning("changes of addresses are found late, there is no netlink: %s", error)
            self.close()
            return
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def close(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _readable(self) -> None:
        """What it says does not matter, and an overflow (ENOBUFS) says enough, too."""
        assert self._socket is not None
        while True:
            try:
                self._socket.recv(_LARGEST_OCTETS)
            except BlockingIOError:
                break
            except OSError:
                continue
        if self._alarm is None:
            self._alarm = self._clock.call_later(GATHER_S, self._tell)

    def _tell(self) -> None:
        self._alarm = None
        self._changed()
