"""The HTTP server of phones: GET and HEAD over HTTP/1.0 and 1.1, with and without TLS.

Owns the connections. h11 reads and writes the messages (RFC 9112); what is answered comes from a
callable, what a condition or a range makes of it from http_answers.py. Slow senders and readers are
cut off; when there are too many connections the one that has been idle for the longest gives way.
Uploads are refused: a phone's logs are not wanted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import h11

from provisioning.http_answers import Answer, Wire, shape

log = logging.getLogger(__name__)
_CHUNK_OCTETS = 16 * 1024
_FAREWELL_S = 5.0
_UNWANTED_OCTETS = 1024 * 1024
_SERVER = ("Server", "Dozvon")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came. target: with its query; local_host: ours as the phone sees it."""

    method: str
    target: str
    host: str
    local_host: str
    local_port: int
    is_tls: bool
    user_agent: str = ""
    authorization: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """Seconds and octets; idle_s: between requests of one connection; tls_connections: of all, as
    many with TLS, each of which costs a third of a megabyte from its first octet."""

    connections: int = 512
    tls_connections: int = 96
    of_one_host: int = 16
    header_octets: int = 8192
    head_s: float = 10.0
    idle_s: float = 15.0
    write_s: float = 60.0


Give = Callable[[Asked], Awaitable[Answer]]


class HttpServer:
    """``give(asked)`` answers GET and HEAD."""

    def __init__(self, give: Give, limits: HttpLimits | None = None) -> None:
        self._give = give
        self._limits = limits or HttpLimits()
        self._servers: list[asyncio.Server] = []
        self._conversations: dict[asyncio.Task[None], float | None] = {}  # idle since
        self._with_tls: set[asyncio.Task[None]] = set()
        self._of_host: Counter[str] = Counter()

    async def listen(self, sock: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Serve a bound stream socket. TLS begins only once there is room for the connection."""

        def connected(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> Coroutine[Any, Any, None]:
            if tls is not None:
                writer.transport.pause_reading()  # type: ignore[attr-defined]
            return self._client(reader, writer, tls)

        server = await asyncio.start_server(connected, sock=sock, limit=2 * _CHUNK_OCTETS)
        self._servers.append(server)

    async def close(self) -> None:
        """Stop listening and cut every conversation."""
        for server in self._servers:
            server.close()
        for task in tuple(self._conversations):
            task.cancel()
        await asyncio.gather(*self._conversations, return_exceptions=True)

    @property
    def connections_alive(self) -> int:
        return len(self._conversations)

    # ---- connections

    async def _client(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        tls: ssl.SSLContext | None,
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        peer = writer.get_extra_info("peername")
        host = str(peer[0]) if peer else ""
        if not peer or not self._has_room(host, is_tls=tls is not None):
            writer.transport.abort()
            return
        self._conversations[task] = self._now()
        self._of_host[host] += 1
        is_open = tls is None
        plain = writer.transport  # below TLS, should there be any
        try:
            if tls is not None:
                self._with_tls.add(task)
                await writer.start_tls(tls, ssl_handshake_timeout=self._limits.head_s)
                is_open = True
            conversation = _Conversation(reader, writer, self._limits)
            await conversation.run(self._give, lambda is_idle: self._note(task, is_idle))
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # the phone went away, or is too slow, or has to give way
        except Exception:
            log.exception("a request of %s broke us", host)
        finally:
            self._conversations.pop(task, None)
            self._with_tls.discard(task)
            self._of_host[host] -= 1
            if self._of_host[host] <= 0:
                del self._of_host[host]
            if is_open:
                await _part(writer)
            plain.abort()

    def _note(self, task: asyncio.Task[None], is_idle: bool) -> None:
        if task in self._conversations:
            self._conversations[task] = self._now() if is_idle else None

    def _has_room(self, host: str, *, is_tls: bool) -> bool:
        if self._of_host[host] >= self._limits.of_one_host:
            return False
        if is_tls and len(self._with_tls) >= self._limits.tls_connections:
            return self._make_room(self._with_tls)
        if len(self._conversations) >= self._limits.connections:
            return self._make_room(self._conversations)
        return True

    def _make_room(self, among: Iterable[asyncio.Task[None]]) -> bool:
        """Let the one go that has been idle for the longest; False when none is."""
        idle = {t: since for t in among if (since := self._conversations.get(t)) is not None}
        if not idle:
            return False
        leaving = min(idle, key=idle.__getitem__)
        del self._conversations[leaving]
        self._with_tls.discard(leaving)
        leaving.cancel()
        return True

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


async def _part(writer: asyncio.StreamWriter) -> None:
    """Let what was written go out, but wait for nobody who does not read it."""
    with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
        writer.close()
        async with asyncio.timeout(_FAREWELL_S):
            await writer.wait_closed()


class _Conversation:
    """One connection: requests in, answers out, until either side has enough."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: HttpLimits
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._h11 = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.header_octets)

    async def run(self, give: Give, note: Callable[[bool], None]) -> None:
        """note(is_idle) is told when a request begins to be answered, and when it is."""
        wait_s = self._limits.head_s
        while True:
            try:
                async with asyncio.timeout(wait_s):
                    request = await self._request()
            except h11.RemoteProtocolError as error:
                await self._say(error.error_status_hint, "cannot be read")
                return
            if request is None:
                return
            note(False)
            is_done = await self._answer(request, give)
            note(True)
            if not is_done or self._h11.our_state is not h11.DONE:
                return
            self._h11.start_next_cycle()
            wait_s = self._limits.idle_s

    async def _request(self) -> h11.Request | None:
        while True:
            event = self._h11.next_event()
            if event is h11.NEED_DATA:
                self._h11.receive_data(await self._reader.read(_CHUNK_OCTETS))
            elif isinstance(event, h11.Request):
                return event
            elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
                return None

    async def _answer(self, request: h11.Request, give: Give) -> bool:
        """Answer one request; False when the connection is to be closed after it."""
        headers = {n.decode("ascii"): v.decode("latin-1") for n, v in request.headers}
        method = request.method.decode("ascii")
        has_body = "content-length" in headers or "transfer-encoding" in headers
        if method not in ("GET", "HEAD"):
            await self._say(405, "read only", (("Allow", "GET, HEAD"), ("Connection", "close")))
            await self._swallow()
            return False
        answer = await give(self._asked(request, method, headers))
        extra = (("Connection", "close"),) if has_body else ()
        await self._send(shape(answer, method, headers), extra)
        if has_body:
            return False
        self._h11.next_event()  # the end of the request
        return True

    def _asked(self, request: h11.Request, method: str, headers: dict[str, str]) -> Asked:
        own = self._writer.get_extra_info("sockname")
        return Asked(
            method=method,
            target=request.target.decode("ascii"),
            host=str(self._writer.get_extra_info("peername")[0]),
            local_host=str(own[0]),
            local_port=int(own[1]),
            is_tls=self._writer.get_extra_info("ssl_object") is not None,
            user_agent=headers.get("user-agent", "")[:256],
            authorization=headers.get("authorization", ""),
        )

    async def _say(self, status: int, text: str, headers: tuple[tuple[str, str], ...] = ()) -> None:
        if self._h11.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            answer = Answer(status=status, body=text.encode() + b"\n", headers=headers)
            await self._send(shape(answer, "GET", {}), ())

    async def _send(self, wire: Wire, extra: tuple[tuple[str, str], ...]) -> None:
        response = h11.Response(
            status_code=wire.status,
            reason=HTTPStatus(wire.status).phrase,
            headers=[_SERVER, *wire.headers, *extra],
        )
        head = self._h11.send(response) or b""
        body = self._h11.send(h11.Data(data=bytes(wire.body))) or b""
        end = self._h11.send(h11.EndOfMessage()) or b""
        async with asyncio.timeout(self._limits.write_s):
            self._writer.write(head + body + end)
            await self._writer.drain()

    async def _swallow(self) -> None:
        """Read some of an upload that nobody wants: closing at once would take our answer away."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        left = _UNWANTED_OCTETS
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FAREWELL_S):
                while left > 0 and (chunk := await self._reader.read(_CHUNK_OCTETS)):
                    left -= len(chunk)
