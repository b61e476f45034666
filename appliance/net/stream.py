"""The streams of the SIP driver: listeners, connections that came in, connections that we make.

Owns every TCP connection of SIP. RFC 3261 §18, RFC 5626 §3.5. Each connection has a number
(Hop.connection), by which an answer finds the very stream that its request came by. What is idle,
dribbles, comes in crowds or does not read is let go (stream_room.py says who and when).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from appliance.clock import Alarm, Clock
from appliance.net.connection import StreamConnection
from appliance.net.socket_options import family_of, is_wildcard, open_tcp_listener
from appliance.net.stream_room import OpenDoor, Room, StreamLimits
from appliance.net.udp import literal_address
from appliance.sip.events import Hop

log = logging.getLogger(__name__)
_SWEEP_S = 5.0
_BACKLOG = 128


class StreamEar(Protocol):
    """Who listens to Streams."""

    def datagrams_received(self, datagrams: list[tuple[bytes, Hop]]) -> None: ...
    def hop_failed(self, hop: Hop, why: str) -> None: ...
    def connection_closed(self, hop: Hop) -> None: ...


@dataclass(slots=True)
class _Dialling:
    """A connection being made, and what waits for it."""

    task: asyncio.Task[None]
    waiting: list[tuple[bytes, Hop]]
    octets: int = 0


class Streams:
    """All TCP connections of SIP."""

    def __init__(self, ear: StreamEar, clock: Clock, limits: StreamLimits | None = None) -> None:
        self._ear = ear
        self._clock = clock
        self.limits = limits or StreamLimits()
        self.largest_unsent_octets = self.limits.unsent_octets
        self.now: Callable[[], float] = clock.now
        self._servers: dict[str, asyncio.Server] = {}  # by the address that they listen at
        self._connections: dict[int, StreamConnection] = {}
        self._by_address: dict[tuple[str, int], StreamConnection] = {}
        self.room = Room(self.limits, OpenDoor())
        self._dialling: dict[tuple[str, int], _Dialling] = {}
        self._last_number = 0
        self._sweep_alarm: Alarm | None = None

    @property
    def count(self) -> int:
        return len(self._connections)

    async def listen(self, host: str, port: int) -> int:
        """Accept connections; returns the port. Raises UserError ``net.address_in_use``…"""
        sock = open_tcp_listener(host, port)
        bound: int = sock.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._servers[host] = await loop.create_server(self._new, sock=sock, backlog=_BACKLOG)
        return bound

    def leave(self, host: str) -> None:
        """Accept no more connections at this address."""
        if (server := self._servers.pop(host, None)) is not None:
            server.close()

    async def close(self) -> None:
        """Stop listening, let everything go, and wait for the tasks of ours."""
        if self._sweep_alarm is not None:
            self._sweep_alarm.cancel()
        for server in self._servers.values():
            server.close()
        tasks = [d.task for d in self._dialling.values()]
        for task in tasks:
            task.cancel()
        for connection in list(self._connections.values()):
            connection.close()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ---- out

    def send(self, data: bytes, hop: Hop) -> None:
        """By the hop's own connection, any other to that address, or a new one; never blocks."""
        connection = self._connections.get(hop.connection) if hop.connection else None
        address = (hop.host, hop.port)
        connection = connection or self._by_address.get(address)
        if connection is not None:
            if not connection.send(data, hop):
                self._ear.hop_failed(hop, "the connection is going")
            return
        dialling = self._dialling.get(address)
        if dialling is None:
            if literal_address(*address) is None:
                self._ear.hop_failed(hop, "not a literal address")
                return
            task = asyncio.get_running_loop().create_task(self._connect(address))
            dialling = self._dialling[address] = _Dialling(task, [])
        if dialling.octets + len(data) > self.limits.octets_before_connected:
            self._ear.hop_failed(hop, "too much waits for this connection")
            return
        dialling.octets += len(data)
        dialling.waiting.append((data, hop))

    def _local_address(self, host: str) -> tuple[str, int] | None:
        """Where a connection to this host leaves from; of several the kernel chooses."""
        bound = [own for own in self._servers if family_of(own) == family_of(host)]
        return None if len(bound) != 1 or is_wildcard(bound[0]) else (bound[0], 0)

    async def _connect(self, address: tuple[str, int]) -> None:
        host, port = address
        local = self._local_address(host)
        why, connection = "", None
        try:
            async with asyncio.timeout(self.limits.connect_s):
                loop = asyncio.get_running_loop()
                _, connection = await loop.create_connection(
                    self._new_of_ours, host, port, local_addr=local
                )
        except (OSError, TimeoutError) as error:
            why = str(error) or "no answer to the connection"
        finally:
            dialling = self._dialling.pop(address)
        for data, hop in dialling.waiting:
            if connection is None or not connection.send(data, hop):
                self._ear.hop_failed(hop, why or "the connection is gone")

    # ---- ConnectionOwner

    def _new(self) -> StreamConnection:
        self._last_number += 1
        return StreamConnection(self._last_number, self)

    def _new_of_ours(self) -> StreamConnection:
        connection = self._new()
        connection.is_ours = True
        return connection

    def connection_made(self, connection: StreamConnection) -> bool:
        """Take a connection into the table; False when it is one too many, or a banned one's."""
        host = connection.hop.host
        if not connection.is_ours and not self._has_room(host):
            return False
        self.room.enter(connection)
        self._connections[connection.number] = connection
        self._by_address[(host, connection.hop.port)] = connection
        if self._sweep_alarm is None:
            self._sweep_alarm = self._clock.call_later(_SWEEP_S, self._sweep)
        return True

    def _has_room(self, host: str) -> bool:
        is_admitted, leaving = self.room.find(host, self._clock.now())
        if leaving is not None:
            log.info("connection from %s gives way to one from %s", leaving.hop.host, host)
            self.connection_gone(leaving, "gave way to others")
            leaving.abort("gave way to others")
        elif not is_admitted:
            log.warning("connection from %s refused", host)
        return is_admitted

    def messages_received(self, connection: StreamConnection, messages: list[bytes]) -> None:
        hop = connection.hop
        self._ear.datagrams_received([(message, hop) for message in messages])

    def connection_gone(self, connection: StreamConnection, why: str) -> None:
        if self._connections.pop(connection.number, None) is None:
            return
        hop = connection.hop
        self.room.leave(connection)
        if self._by_address.get((hop.host, hop.port)) is connection:
            del self._by_address[(hop.host, hop.port)]
        for used in connection.used_by | {hop, replace(hop, connection=0)}:
            self._ear.hop_failed(used, why or "the connection is closed")
        self._ear.connection_closed(hop)

    # ---- limits

    def _sweep(self) -> None:
        """Let go whoever has been here too long for what he says."""
        now = self._clock.now()
        for connection in list(self._connections.values()):
            why = self.room.overdue(connection, now)
            if why:
                connection.abort(why)
        self._sweep_alarm = None
        if self._connections:
            self._sweep_alarm = self._clock.call_later(_SWEEP_S, self._sweep)
