"""The control socket: how the command line and the web talk to the running daemon.

Owns a Unix socket. One JSON object a line: ``{"op": "status", "args": {…}}``, answered by
``{"ok": true, "result": …}`` or ``{"ok": false, "error": {"key": …, "params": {…}}}``. Who may open
the file may command the box: its mode is 0660. Requests of one connection are answered in order;
when there are too many connections the one that has been idle for the longest gives way.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from appliance.errors import ConfigErrors, StoreError, UserError

log = logging.getLogger(__name__)
LARGEST_LINE_OCTETS = 64 * 1024
_MODE = 0o660
_MOST_CLIENTS = 64
_PROBE_S = 1.0
_TURNS_TO_BEGIN = 4  # of the loop: who was accepted has a transport, then a task, then talks

Handler = Callable[[str, Mapping[str, Any]], Awaitable[Any] | Any]


class ControlServer:
    """Listens at ``path``; handler(op, args) gives the result, or raises UserError."""

    def __init__(self, path: Path | str, handler: Handler) -> None:
        self.path = Path(path)
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._clients: dict[asyncio.Task[None], float | None] = {}  # idle since; None: at work
        self._inode = 0

    async def start(self) -> None:
        """Raises UserError ``control.already_running`` when a daemon answers there already."""
        await self._clear_the_place()
        sock = self._bind()
        self._inode = os.stat(self.path).st_ino
        self._server = await asyncio.start_unix_server(
            self._client, sock=sock, limit=LARGEST_LINE_OCTETS
        )

    async def close(self) -> None:
        """Stop listening, end every conversation, take the file away."""
        if self._server is None:
            return
        for sock in self._server.sockets:
            asyncio.get_running_loop().remove_reader(sock.fileno())
        for _ in range(_TURNS_TO_BEGIN):
            await asyncio.sleep(0)
        self._server.close()
        for task in tuple(self._clients):
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        with contextlib.suppress(OSError):
            if os.stat(self.path).st_ino == self._inode:
                self.path.unlink()
        self._server = None

    # ---- the file

    async def _clear_the_place(self) -> None:
        """Remove what a dead daemon left; refuse to take a living one's place."""
        if not os.path.lexists(self.path):
            return
        if not self.path.is_socket():
            raise UserError("control.not_a_socket", path=str(self.path))
        try:
            async with asyncio.timeout(_PROBE_S):
                _, writer = await asyncio.open_unix_connection(self.path)
        except (ConnectionRefusedError, FileNotFoundError):
            self.path.unlink(missing_ok=True)
            return
        except (OSError, TimeoutError) as error:
            raise UserError(
                "control.cannot_listen", path=str(self.path), said=str(error)
            ) from error
        writer.close()
        raise UserError("control.already_running", path=str(self.path))

    def _bind(self) -> socket.socket:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        before = os.umask(0o777 & ~_MODE)
        try:
            sock.bind(str(self.path))
        except OSError as error:
            sock.close()
            raise UserError(
                "control.cannot_listen", path=str(self.path), said=str(error)
            ) from error
        finally:
            os.umask(before)
        return sock

    # ---- conversations

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        has_room = len(self._clients) < _MOST_CLIENTS or self._let_one_go()
        try:
            if has_room:
                self._clients[task] = self._now()
                await self._converse(task, reader, writer)
            else:
                await self._refuse(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (OSError, asyncio.CancelledError):
            pass  # the client went away, or has to, or we do
        finally:
            self._clients.pop(task, None)
            writer.transport.abort()

    async def _refuse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take the request first: closing with it unread would take our answer away."""
        with contextlib.suppress(TimeoutError, EOFError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_PROBE_S):
                await reader.readuntil(b"\n")
        writer.write(_failure("control.too_many_clients"))

    def _let_one_go(self) -> bool:
        """End the conversation that has been idle for the longest; False when all are at work."""
        idle = {t: since for t, since in self._clients.items() if since is not None}
        if not idle:
            return False
        leaving = min(idle, key=idle.__getitem__)
        del self._clients[leaving]
        leaving.cancel()
        return True

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    async def _converse(
        self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            try:
                line = await reader.readuntil(b"\n")
            except asyncio.IncompleteReadError as error:
                line = error.partial  # a last line without its end still counts
                if not line.strip():
                    return
            except asyncio.LimitOverrunError:
                writer.write(_failure("control.too_long", limit=LARGEST_LINE_OCTETS))
                await writer.drain()
                return
            self._clients[task] = None
            answer = await self._answer(line)
            self._clients[task] = self._now()
            writer.write(answer)
            await writer.drain()

    async def _answer(self, line: bytes) -> bytes:
        try:
            op, args = _read_request(line)
            result = self._handler(op, args)
            if inspect.isawaitable(result):
                result = await result
            return _line({"ok": True, "result": result})
        except UserError as error:
            return _failure(error.key, **error.params)
        except ConfigErrors as error:
            problems = [
                {"key": p.key, "path": p.path, "params": dict(p.params)} for p in error.problems
            ]
            return _failure("config.refused", problems=problems)
        except StoreError as error:
            return _failure(getattr(error, "key", "store.failed"), said=str(error))
        except Exception:
            log.exception("a command from the control socket broke us")
            return _failure("control.internal")


def _read_request(line: bytes) -> tuple[str, Mapping[str, Any]]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError("control.bad_request", said=str(error)[:200]) from error
    if not isinstance(request, dict):
        raise UserError("control.bad_request", said="not an object")
    op, args = request.get("op"), request.get("args", {})
    if not isinstance(op, str) or not op or not isinstance(args, dict):
        raise UserError("control.bad_request", said="op must be text and args an object")
    return op, args


def _failure(key: str, **params: object) -> bytes:
    return _line({"ok": False, "error": {"key": key, "params": params}})


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, default=str, separators=(",", ":")).encode() + b"\n"
