"""The TFTP server of phones: read only, contents from a callable, no file system.

Owns the listening sockets and one socket for each transfer. Before the far end has proved itself by
its first ACK it is sent no more than it asked with (twice its octets, but for the first block of a
request without options, which goes out once for each request); half-open transfers are few, small
and soon forgotten. RFC 1350, 2347–2349, 7440; Sorcerer's Apprentice avoided (RFC 1123 §4.2.3.1).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from provisioning.tftp_packets import (
    LARGEST_REQUEST_OCTETS,
    ErrorCode,
    ReadRequest,
    RefusedPacket,
    decode_request,
    encode_error,
)
from provisioning.tftp_transfer import Transfer, TransferLimits

log = logging.getLogger(__name__)
_MOST_AT_ONCE = 64  # datagrams read in one turn of the loop
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """A file that a far end asks for. local_host: our address as it sees us."""

    path: str
    host: str
    local_host: str


Contents = Callable[[Asked], Awaitable[bytes | None]]


@dataclass(frozen=True, slots=True)
class TftpLimits:
    """How much at once; octets: of contents that half-open transfers hold."""

    transfers: int = 512
    of_one_host: int = 8
    half_open_octets: int = 2 * 1024 * 1024
    transfer: TransferLimits = field(default_factory=TransferLimits)


class TftpServer:
    """``contents(asked)`` gives the octets of a file, or None when there is none."""

    def __init__(self, contents: Contents, limits: TftpLimits | None = None) -> None:
        self._contents = contents
        self._limits = limits or TftpLimits()
        self._sockets: list[socket.socket] = []
        self._transfers: dict[Address, Transfer] = {}
        self._asking: dict[Address, asyncio.Task[None]] = {}
        self._of_host: Counter[str] = Counter()
        self._half_open_octets = 0

    def listen(self, sock: socket.socket) -> None:
        """Serve a bound datagram socket."""
        sock.setblocking(False)
        self._sockets.append(sock)
        asyncio.get_running_loop().add_reader(sock.fileno(), self._read, sock)

    def close(self) -> None:
        """Stop listening and drop every transfer."""
        loop = asyncio.get_running_loop()
        for sock in self._sockets:
            loop.remove_reader(sock.fileno())
            sock.close()
        self._sockets.clear()
        for task in tuple(self._asking.values()):
            task.cancel()
        for transfer in tuple(self._transfers.values()):
            transfer.close()

    @property
    def transfers_alive(self) -> int:
        """Transfers, and requests that wait for their contents."""
        return len(self._transfers) + len(self._asking)

    # ---- requests

    def _read(self, sock: socket.socket) -> None:
        for _ in range(_MOST_AT_ONCE):
            try:
                data, address = sock.recvfrom(LARGEST_REQUEST_OCTETS + 1)
            except OSError:
                return
            self._receive(sock, data, (address[0], address[1]))

    def _receive(self, sock: socket.socket, data: bytes, client: Address) -> None:
        try:
            request = decode_request(data)
        except RefusedPacket as refused:
            self._refuse(sock, len(data), client, refused)
            return
        if transfer := self._transfers.get(client):
            transfer.asked_again(request.octets)
            return
        if client in self._asking or not self._has_room(client[0]):
            return  # the far end asks again
        self._of_host[client[0]] += 1
        task = asyncio.get_running_loop().create_task(self._serve(sock, request, client))
        self._asking[client] = task

    def _refuse(
        self, sock: socket.socket, octets: int, client: Address, refused: RefusedPacket
    ) -> None:
        answer = encode_error(refused.code, str(refused))
        if len(answer) <= 2 * octets:
            with contextlib.suppress(OSError):
                sock.sendto(answer, client)

    def _has_room(self, host: str) -> bool:
        if self._of_host[host] >= self._limits.of_one_host:
            return False
        if self.transfers_alive < self._limits.transfers:
            return True
        return self._drop_oldest_half_open()

    def _drop_oldest_half_open(self) -> bool:
        for transfer in self._transfers.values():
            if transfer.is_half_open:
                transfer.close()
                return True
        return False

    async def _serve(self, sock: socket.socket, request: ReadRequest, client: Address) -> None:
        is_taken = False
        try:
            own = self._open(sock, client)
            try:
                is_taken = await self._begin(sock, own, request, client)
            finally:
                if not is_taken:
                    own.close()
        except OSError as error:
            log.debug("tftp %s: %s", client[0], error)
        except Exception:
            log.exception("a tftp request of %s broke us", client[0])
        finally:
            self._asking.pop(client, None)
            if not is_taken:
                self._leave(client[0])

    async def _begin(
        self, sock: socket.socket, own: socket.socket, request: ReadRequest, client: Address
    ) -> bool:
        local_host = own.getsockname()[0]
        content = await self._contents(Asked(request.path, client[0], local_host))
        if content is None:
            refused = RefusedPacket(ErrorCode.FILE_NOT_FOUND, "not found")
            self._refuse(sock, request.octets, client, refused)
            return False
        while self._half_open_octets + len(content) > self._limits.half_open_octets:
            if not self._drop_oldest_half_open():
                break
        self._half_open_octets += len(content)
        transfer = Transfer(own, content, self._limits.transfer)
        transfer.on_proved = lambda: self._proved(len(content))
        transfer.on_over = lambda: self._over(client, transfer)
        self._asking.pop(client, None)  # it is counted once at every moment
        self._transfers[client] = transfer
        transfer.start(request)
        return True

    def _open(self, sock: socket.socket, client: Address) -> socket.socket:
        """A socket of this transfer alone, which hears nobody but the far end (RFC 1350 §4)."""
        own = socket.socket(sock.family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            host = sock.getsockname()[0]
            own.bind((host, 0))
            own.connect(client)
        except OSError:
            own.close()
            raise
        return own

    def _proved(self, octets: int) -> None:
        self._half_open_octets -= octets

    def _over(self, client: Address, transfer: Transfer) -> None:
        if self._transfers.pop(client, None) is transfer:
            self._leave(client[0])

    def _leave(self, host: str) -> None:
        self._of_host[host] -= 1
        if self._of_host[host] <= 0:
            del self._of_host[host]
