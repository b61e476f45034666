"""One stream that carries SIP: bytes to whole messages, keep-alives, and when it has to go.

Owns one TCP connection. RFC 3261 §18.3 (framing, by sip/framing.py), RFC 5626 §3.5.1 (CRLF ping and
pong). stream.py keeps the table of connections and the limits.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from appliance.errors import RemoteProtocolError
from appliance.net.socket_options import tune_stream
from appliance.sip.events import Hop, Transport
from appliance.sip.framing import StreamFramer

log = logging.getLogger(__name__)
_PONG = b"\r\n"
_MOST_PONGS = 16  # answered per read; more pings than that say nothing new
_REMEMBERED_HOPS = 16
_KEEP_ALIVE_OCTETS = 3  # a ping that is not whole yet is no message


class ConnectionOwner(Protocol):
    """The table that a connection reports to."""

    largest_unsent_octets: int

    def now(self) -> float: ...
    def connection_made(self, connection: StreamConnection) -> bool: ...
    def messages_received(self, connection: StreamConnection, messages: list[bytes]) -> None: ...
    def connection_gone(self, connection: StreamConnection, why: str) -> None: ...


class StreamConnection(asyncio.Protocol):
    """A connection with its number; ``hop`` is its far end.

    served_at: when it last brought something new; starved_at: since when a message is on its way
    that is not whole yet, None when there is no such message; is_ours: we made it.
    """

    def __init__(self, number: int, owner: ConnectionOwner) -> None:
        self.number = number
        self.hop = Hop(Transport.TCP, "", 0, number)
        self.served_at = self.opened_at = owner.now()
        self.starved_at: float | None = None
        self.has_served = self.is_ours = False
        self.used_by: set[Hop] = set()  # how senders called this connection
        self._owner = owner
        self._framer = StreamFramer()
        self._transport: asyncio.Transport | None = None
        self._why = ""

    # ---- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer = transport.get_extra_info("peername")
        if not peer:  # gone before we looked
            self.abort("no far end")
            return
        self.hop = Hop(Transport.TCP, peer[0], peer[1], self.number)
        tune_stream(transport.get_extra_info("socket"))
        if not self._owner.connection_made(self):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            messages = self._framer.feed(data)
        except RemoteProtocolError as error:
            log.warning("stream from %s:%d: %s", self.hop.host, self.hop.port, error)
            self.abort("bad framing")
            return
        self._answer_pings()
        self._note_progress(bool(messages))
        if messages:
            self.has_served = True
            self._owner.messages_received(self, messages)
        if not self._framer.is_trusted:
            self.abort("bad framing")

    def eof_received(self) -> bool:
        self._why = "closed by the far end"
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._owner.connection_gone(self, str(error) if error else self._why)

    # ---- ours

    def send(self, data: bytes, hop: Hop) -> bool:
        """Write, or give the connection up when its far end does not read; False = not sent."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        if transport.get_write_buffer_size() + len(data) > self._owner.largest_unsent_octets:
            self.abort("the far end does not read")
            return False
        if len(self.used_by) < _REMEMBERED_HOPS:
            self.used_by.add(hop)
        transport.write(data)
        return True

    def abort(self, why: str) -> None:
        self._why = why
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def _answer_pings(self) -> None:
        pongs = self._framer.pongs_due
        if pongs:
            self._framer.pongs_due = 0
            self.send(_PONG * min(pongs, _MOST_PONGS), self.hop)

    def _note_progress(self, is_served: bool) -> None:
        now = self._owner.now()
        if self._framer.waiting <= _KEEP_ALIVE_OCTETS:
            self.served_at = now
            self.starved_at = None
        elif is_served or self.starved_at is None:
            self.served_at = self.starved_at = now
