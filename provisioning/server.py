"""The provisioning process: its listeners, its counter, and its word to the daemon.

Owns the TFTP and HTTP servers and the connection to the daemon. Writes nothing. Sockets are given:
by systemd, or opened by ``dozvon provision``.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import ssl
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning import http, tftp
from provisioning.api import Request, Transport
from provisioning.counter import Counter
from provisioning.counter_parts import Brands, CounterParts, Given
from provisioning.credentials import challenges
from provisioning.daemon_link import DaemonGone, DaemonLink
from provisioning.disclosure import Verdict
from provisioning.http_answers import Answer
from provisioning.neighbours import Neighbours
from provisioning.snapshots import Snapshots
from provisioning.targets import parse_target
from provisioning.tls import modern_context, old_context

log = logging.getLogger(__name__)
_BEAT_S = 5.0
_REMEMBERED_FILES = 1024
#: All other refusals are 404, as is a file that is not there: nobody learns which device exists.
STATUS = {
    Verdict.OUTSIDE: 403,
    Verdict.THROTTLED: 429,
    Verdict.UNAVAILABLE: 503,
    Verdict.CHALLENGE: 401,
    Verdict.WRONG_PROOF: 401,
    Verdict.LINK_USED: 410,
    Verdict.LINK_LATE: 410,
}
_WORDS = "text/plain; charset=utf-8"
_UNKEPT = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'"),
    ("Referrer-Policy", "no-referrer"),
)
#: No proxy on the way keeps a file with passwords; the phone itself may.
_SECRET = (("Cache-Control", "no-store"),)
_TEXTS = {401: "who are you?", 403: "not from there", 404: "not found", 429: "later", 503: "later"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """data: the box's folder; sockets: bound, by kind ``http tls old_tls tftp``; certificate: a
    PEM file; trusts_loopback: processes of this machine are who they say they are (demo, tests)."""

    data: Path
    sockets: Mapping[str, Sequence[socket.socket]]
    certificate: Path | None = None
    trusts_loopback: bool = False


class Server:
    """Built, and not yet started."""

    def __init__(self, options: ServerOptions, brands: Brands) -> None:
        self._options = options
        self._link = DaemonLink(options.data / "control.sock")
        self._snapshots = Snapshots(options.data / "config.db")
        self._key = os.urandom(32)
        parts = CounterParts(
            brands=brands,
            daemon=self._link,
            neighbour=Neighbours().of,
            snapshot=self._snapshots.of,
            now=time.monotonic,
            key=self._key,
            trusts_loopback=options.trusts_loopback,
        )
        self._counter = Counter(parts)
        self._http = http.HttpServer(self._give)
        self._tftp = tftp.TftpServer(self._contents)
        self._files = _Files()
        self._served: set[str] = set()  # kinds of TLS

    async def start(self) -> None:
        """Serve every socket that was given."""
        sockets = self._options.sockets
        for sock in sockets.get("http", ()):
            await self._http.listen(sock)
        for kind, context in self._contexts().items():
            self._served.add(kind)
            for sock in sockets.get(kind, ()):
                await self._http.listen(sock, context)
        for sock in sockets.get("tftp", ()):
            self._tftp.listen(sock)

    def _contexts(self) -> dict[str, ssl.SSLContext]:
        """Of TLS by kind of socket; what this system or the certificate does not allow is left."""
        certificate = self._options.certificate
        found: dict[str, ssl.SSLContext] = {}
        if certificate is None:
            return found
        for kind, make in (("tls", modern_context), ("old_tls", old_context)):
            try:
                found[kind] = make(certificate)
            except OSError as error:
                log.warning("phones are not served by %s: %s", kind, error)
        return found

    async def run(self, lifeline: int | None = None) -> None:
        """Serve until SIGTERM or SIGINT, or until the pipe lifeline is closed at its far end."""
        loop = asyncio.get_running_loop()
        over = asyncio.Event()
        if lifeline is not None:
            loop.add_reader(lifeline, over.set)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, over.set)
        await self.start()
        beat = loop.create_task(self._beat_for_ever())
        await over.wait()
        if lifeline is not None:
            loop.remove_reader(lifeline)
        beat.cancel()
        await self.close()

    async def close(self) -> None:
        """End every conversation."""
        self._tftp.close()
        await self._http.close()
        await self._link.close()
        self._snapshots.close()

    # ---- requests

    async def _give(self, asked: http.Asked) -> Answer:
        found = parse_target(asked.target)
        if found is None:
            return _refusal(404)
        request = Request(
            path=found.path,
            url_secret=found.secret,
            link=found.link,
            method=asked.method,
            user_agent=asked.user_agent,
            source_host=plain_host(asked.host),
            is_tls=asked.is_tls,
            credentials=asked.authorization,
        )
        scheme = "https" if asked.is_tls else "http"
        own = plain_host(asked.local_host)
        given = await self._counter.serve(request, (own, base_url(scheme, own, asked.local_port)))
        return self._answer(request, given)

    def _answer(self, request: Request, given: Given) -> Answer:
        if given.rendered is not None and given.verdict not in STATUS:
            body = given.rendered.body
            name = f"{request.source_host} {request.path}"
            return Answer(
                status=200,
                body=body,
                content_type=given.rendered.content_type,
                changed_at=self._files.changed_at(name, body, time.time()),
                headers=_UNKEPT if request.link else _SECRET if given.rendered.has_secrets else (),
            )
        status = STATUS.get(given.verdict, 404)
        if status == 401:
            values = challenges(self._key, time.monotonic(), is_stale=given.is_stale)
            return _refusal(status, tuple(("WWW-Authenticate", value) for value in values))
        if given.said:
            return Answer(status=status, body=given.said, content_type=_WORDS, headers=_UNKEPT)
        wait_s = {429: "600", 503: "5"}.get(status)
        return _refusal(status, (("Retry-After", wait_s),) if wait_s else ())

    async def _contents(self, asked: tftp.Asked) -> bytes | None:
        found = parse_target(asked.path)
        if found is None:
            return None
        request = Request(
            path=found.path,
            url_secret=found.secret,
            link=found.link,
            source_host=plain_host(asked.host),
            transport=Transport.TFTP,
        )
        own = plain_host(asked.local_host)
        given = await self._counter.serve(request, (own, f"tftp://{bracketed(own)}/"))
        return given.rendered.body if given.rendered is not None else None

    # ---- the daemon

    async def _beat_for_ever(self) -> None:
        while True:
            await self.beat()
            await asyncio.sleep(_BEAT_S)

    async def beat(self) -> None:
        """Tell the daemon where phones find us (it answers SIP PnP with that), and read the
        settings that it has in force: who is local must be known before any phone asks."""
        try:
            told = await self._link.ask("phone_server", self._ports())
        except DaemonGone as gone:
            log.debug("no daemon: %s", gone)
        else:
            self._snapshots.of(told.get("revision"))

    def _ports(self) -> dict[str, Any]:
        found = {
            kind: sockets[0].getsockname()[1]
            for kind, sockets in self._options.sockets.items()
            if sockets and (kind in self._served or "tls" not in kind)
        }
        return {"ports": found}


class _Files:
    """Since when each file has been as it is, for Last-Modified."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def changed_at(self, name: str, body: bytes, now: float) -> float:
        """The time when this content was first given under this name, in whole seconds of which no
        two contents share one, whatever becomes of the clock."""
        checksum = hash(body)
        known = self._known.pop(name, (0, 0.0))
        since = max(float(int(now)), known[1] + 1.0) if known[1] else float(int(now))
        self._known[name] = known if known[0] == checksum and known[1] else (checksum, since)
        while len(self._known) > _REMEMBERED_FILES:
            self._known.popitem(last=False)
        return self._known[name][1]


def _refusal(status: int, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status=status, body=_TEXTS[status].encode() + b"\n", headers=headers)


def plain_host(host: str) -> str:
    """An address without its zone, and IPv4 as such where a socket calls it IPv6."""
    return host.partition("%")[0].removeprefix("::ffff:")


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def base_url(scheme: str, host: str, port: int) -> str:
    """Where a device asks next time; ends with ``/``."""
    is_usual = port == {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{bracketed(host)}{'' if is_usual else f':{port}'}/"
