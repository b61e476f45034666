"""The daemon's control socket, as provisioning uses it: one connection, asked in turn.

Owns the connection, and makes it anew when the daemon was restarted. Without a daemon phones are
given nothing: it alone knows windows, secrets and registrations.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_ANSWER_S = 5.0
_LARGEST_ANSWER_OCTETS = 1024 * 1024


class DaemonGone(Exception):
    """Nobody answers at the control socket, or not this."""


class DaemonLink:
    """``await ask(op, args)`` gives the result."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = asyncio.Lock()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, op: str, args: Mapping[str, Any]) -> dict[str, Any]:
        """The daemon's answer; raises DaemonGone when there is none, or an error."""
        async with self._turn:
            try:
                async with asyncio.timeout(_ANSWER_S):
                    answer = await self._exchange({"op": op, "args": dict(args)})
            except (OSError, TimeoutError, ValueError, EOFError) as error:
                await self.close()
                raise DaemonGone(str(error) or type(error).__name__) from error
            except BaseException:  # the phone went away: nobody may take its answer for his own
                self._drop()
                raise
        if not answer.get("ok"):
            raise DaemonGone(str(answer.get("error", {}).get("key", "")))
        result: dict[str, Any] = answer["result"]
        return result

    async def _exchange(self, request: Mapping[str, Any]) -> dict[str, Any]:
        line = json.dumps(request, separators=(",", ":")).encode() + b"\n"
        is_old = self._streams is not None
        try:
            return await self._once(line)
        except (OSError, EOFError):
            if not is_old:
                raise
        await self.close()
        return await self._once(line)

    async def _once(self, line: bytes) -> dict[str, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_unix_connection(
                self._path, limit=_LARGEST_ANSWER_OCTETS
            )
        reader, writer = self._streams
        writer.write(line)
        await writer.drain()
        answer = json.loads(await reader.readuntil(b"\n"))
        if not isinstance(answer, dict):
            raise ValueError("no object")
        return answer

    def _drop(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        streams, self._streams = self._streams, None
        if streams is not None:
            streams[1].close()
        return streams

    async def close(self) -> None:
        """Let the connection go; the next question makes another."""
        streams = self._drop()
        if streams is not None:
            with contextlib.suppress(OSError):
                await streams[1].wait_closed()
