"""One UDP socket of the SIP driver: datagrams in, datagrams out, and what the network said of them.

Owns the socket and its place in the event loop. It never blocks: reading is bounded per wake-up,
what the kernel cannot take now waits in a bounded queue. ICMP errors are read from the socket's
error queue (ip(7), IP_RECVERR) and told as failures of the hop that they belong to. Where
native/datagrams.c was compiled, one system call reads all that is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import logging
import socket
import struct
import sys
from collections import deque
from typing import Protocol, TypeVar

from appliance.net.direct_loop import attend, dismiss
from appliance.net.socket_options import IP_RECVERR, IPV6_RECVERR, open_udp
from appliance.sip.events import Hop, Transport

try:
    from appliance.net.native.datagrams import receive as receive_many
    from appliance.net.native.datagrams import send as send_natively
except ImportError:
    HAS_MANY = False  # not compiled: datagrams are read one by one
else:
    HAS_MANY = True

log = logging.getLogger(__name__)

DATAGRAMS_PER_WAKE_UP = 64
_LARGEST_DATAGRAM = 65535
_WAITING_DATAGRAMS = 512
_KNOWN_ADDRESSES = 4096
_ERRORS_PER_WAKE_UP = 64
_ERROR_DATA_OCTETS = 64
_ERROR_SPACE_OCTETS = 512
#: struct sock_extended_err: errno, origin, type, code, padding, info, data.
_EXTENDED_ERROR = struct.Struct("=IBBBBII")
#: Kernel errors that say "this hop cannot be reached".
_HOP_ERRORS = frozenset(
    {
        errno.ECONNREFUSED,
        errno.EHOSTUNREACH,
        errno.ENETUNREACH,
        errno.EHOSTDOWN,
        errno.ENETDOWN,
        errno.EACCES,
        errno.EPERM,
    }
)

_K = TypeVar("_K")
_V = TypeVar("_V")
SocketAddress = tuple[str, int] | tuple[str, int, int, int]


class DatagramEar(Protocol):
    """Who listens to a UdpSocket."""

    def datagrams_received(self, datagrams: list[tuple[bytes, Hop]]) -> None: ...
    def hop_failed(self, hop: Hop, why: str) -> None: ...


class UdpSocket:
    """A bound datagram socket; ``host`` and ``port`` tell where."""

    def __init__(self, host: str, port: int, ear: DatagramEar) -> None:
        self._socket = open_udp(host, port)
        self.family = self._socket.family
        self.host: str = host
        self.port: int = self._socket.getsockname()[1]
        self._ear = ear
        self._hops: dict[SocketAddress | bytes, Hop] = {}  # by the kernel's octets or Python's
        self._addresses: dict[tuple[str, int], SocketAddress | bytes] = {}
        self._waiting: deque[tuple[bytes, Hop]] = deque()
        self._most_waiting = _WAITING_DATAGRAMS
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        attend(loop, self._socket.fileno(), self._readable)

    def close(self) -> None:
        if self._loop is not None:
            dismiss(self._loop, self._socket.fileno())
            self._loop.remove_writer(self._socket)
            self._loop = None
        self._waiting.clear()
        self._socket.close()

    def join(self, group: str, interface: int) -> None:
        """Hear a group of IPv4 on an interface (its index); twice is once. Raises OSError."""
        membership = socket.inet_aton(group) + bytes(4) + struct.pack("=i", interface)
        try:
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise

    def part(self, group: str, interface: int) -> None:
        """Hear a group on an interface no more; one that is gone, or was never heard, is fine."""
        membership = socket.inet_aton(group) + bytes(4) + struct.pack("=i", interface)
        with contextlib.suppress(OSError):
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, membership)

    # ---- out

    def send(self, data: bytes, hop: Hop) -> None:
        """Send now, or keep the order behind what waits already; failures are told to the ear."""
        if self._waiting:
            self._wait(data, hop)
        elif not self._send_now(data, hop):
            self._wait(data, hop)
            if self._loop is not None:
                self._loop.add_writer(self._socket, self._writable)

    def _send_now(self, data: bytes, hop: Hop) -> bool:
        """False when the kernel has no room now.

        A first error may be what an earlier datagram brought back, hence the second try.
        """
        address = self._address(hop)
        if address is None:
            self._ear.hop_failed(hop, "not a literal address")
            return True
        for is_last in (False, True):
            try:
                if isinstance(address, bytes):
                    send_natively(self._socket.fileno(), data, address)
                else:
                    self._socket.sendto(data, address)
                return True
            except (BlockingIOError, InterruptedError):
                return False
            except OSError as error:
                if self._drain_errors() == 0 or is_last:
                    self._ear.hop_failed(hop, _name(error.errno))
                    return True
        return True

    def _wait(self, data: bytes, hop: Hop) -> None:
        if len(self._waiting) < self._most_waiting:
            self._waiting.append((data, hop))

    def _writable(self) -> None:
        while self._waiting:
            data, hop = self._waiting[0]
            if not self._send_now(data, hop):
                return
            self._waiting.popleft()
        if self._loop is not None:
            self._loop.remove_writer(self._socket)

    def _address(self, hop: Hop) -> SocketAddress | bytes | None:
        """Of whom we have heard, the kernel's own octets."""
        key = (hop.host, hop.port)
        address = self._addresses.get(key)
        if address is None:
            address = literal_address(hop.host, hop.port)
            if address is not None:
                _bounded(self._addresses)[key] = address
        return address

    # ---- in

    def _readable(self) -> None:
        """Take what is there, at most DATAGRAMS_PER_WAKE_UP, so that nobody else starves."""
        datagrams = self._take_many() if HAS_MANY else self._take_each()
        if datagrams:
            self._ear.datagrams_received(datagrams)
        else:
            self._drain_errors()

    def _take_many(self) -> list[tuple[bytes, Hop]]:
        try:
            taken = receive_many(self._socket.fileno())
        except OSError:
            return []
        hops = self._hops
        return [
            (data, hops.get(octets) or self._new_hop(octets, _address_of(octets)))
            for data, octets in taken
        ]

    def _take_each(self) -> list[tuple[bytes, Hop]]:
        datagrams: list[tuple[bytes, Hop]] = []
        receive = self._socket.recvfrom
        for _ in range(DATAGRAMS_PER_WAKE_UP):
            try:
                data, address = receive(_LARGEST_DATAGRAM)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                self._drain_errors()
                continue
            hop = self._hops.get(address)
            datagrams.append((data, hop or self._new_hop(address, address)))
        return datagrams

    def _new_hop(self, key: SocketAddress | bytes, address: SocketAddress) -> Hop:
        hop = _bounded(self._hops)[key] = Hop(Transport.UDP, address[0], address[1])
        _bounded(self._addresses)[(hop.host, hop.port)] = key
        return hop

    # ---- errors

    def _drain_errors(self) -> int:
        """Read what ICMP said of our datagrams; returns how many errors there were."""
        for count in range(_ERRORS_PER_WAKE_UP):
            try:
                _, ancillary, _, address = self._socket.recvmsg(
                    _ERROR_DATA_OCTETS, _ERROR_SPACE_OCTETS, socket.MSG_ERRQUEUE
                )
            except OSError:
                return count
            number = _error_number(ancillary)
            if number in _HOP_ERRORS and address:
                self._ear.hop_failed(Hop(Transport.UDP, address[0], address[1]), _name(number))
        return _ERRORS_PER_WAKE_UP


def literal_address(host: str, port: int) -> SocketAddress | None:
    """What the kernel takes for a literal IP address (with its zone); None for anything else."""
    bare, _, zone = host.partition("%")
    try:
        version = ipaddress.ip_address(bare).version
        if version == 4:
            return None if zone else (host, port)
        return (bare, port, 0, _scope(zone))
    except (ValueError, OSError):
        return None


def _address_of(octets: bytes) -> SocketAddress:
    """What Python calls a ``struct sockaddr_in`` or ``sockaddr_in6``."""
    port = int.from_bytes(octets[2:4], "big")
    if int.from_bytes(octets[:2], sys.byteorder) == socket.AF_INET:
        return socket.inet_ntop(socket.AF_INET, octets[4:8]), port
    flow, scope = int.from_bytes(octets[4:8], "big"), int.from_bytes(octets[24:28], sys.byteorder)
    return socket.inet_ntop(socket.AF_INET6, octets[8:24]), port, flow, scope


def _scope(zone: str) -> int:
    if not zone:
        return 0
    return int(zone) if zone.isdigit() else socket.if_nametoindex(zone)


def _error_number(ancillary: list[tuple[int, int, bytes]]) -> int:
    for level, kind, data in ancillary:
        is_v4 = level == socket.IPPROTO_IP and kind == IP_RECVERR
        is_v6 = level == socket.IPPROTO_IPV6 and kind == IPV6_RECVERR
        if (is_v4 or is_v6) and len(data) >= _EXTENDED_ERROR.size:
            return int(_EXTENDED_ERROR.unpack_from(data)[0])
    return 0


def _name(number: int | None) -> str:
    return errno.errorcode.get(number or 0, "unknown error")


def _bounded(known: dict[_K, _V]) -> dict[_K, _V]:
    if len(known) >= _KNOWN_ADDRESSES:
        known.clear()
    return known
