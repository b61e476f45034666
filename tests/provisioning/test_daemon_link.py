"""The control socket as provisioning asks it: answers, errors, and a daemon that was restarted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provisioning.daemon_link import DaemonGone, DaemonLink


class Daemon:
    """Answers each line by ``answer``; nothing (None) ends the connection."""

    def __init__(self, path: Path, answer: Callable[[dict[str, Any]], bytes | None]) -> None:
        self._path = path
        self._answer = answer
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Daemon:
        self._server = await asyncio.start_unix_server(self._serve, self._path)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()
        self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        while line := await reader.readline():
            answer = self._answer(json.loads(line))
            if answer is None:
                writer.close()
                return
            writer.write(answer + b"\n")


def _echo(request: dict[str, Any]) -> bytes:
    return json.dumps({"ok": True, "result": {"asked": request}}).encode()


def test_questions_share_a_connection_and_wait_their_turn(tmp_path: Path) -> None:
    async def play() -> None:
        link = DaemonLink(tmp_path / "control")
        async with Daemon(tmp_path / "control", _echo) as daemon:
            answers = await asyncio.gather(*(link.ask("phones", {"n": n}) for n in range(20)))
            assert [a["asked"] for a in answers] == [
                {"op": "phones", "args": {"n": n}} for n in range(20)
            ]
            assert daemon.connections == 1
            await link.close()

    asyncio.run(play())


def test_a_restarted_daemon_is_found_again(tmp_path: Path) -> None:
    async def play() -> None:
        link = DaemonLink(tmp_path / "control")
        async with Daemon(tmp_path / "control", _echo):
            await link.ask("phones", {})
        with pytest.raises(DaemonGone):
            await link.ask("phones", {})
        async with Daemon(tmp_path / "control", _echo):
            assert await link.ask("phones", {})
        async with Daemon(tmp_path / "control", _echo):
            assert await link.ask("phones", {}), "the old connection is dead, and is made anew"
            await link.close()

    asyncio.run(play())


def test_nobody_gets_the_answer_to_a_question_that_was_given_up(tmp_path: Path) -> None:
    """A phone hangs up while the daemon thinks; the next one asks something else."""

    async def play() -> None:
        came, may_answer = asyncio.Event(), asyncio.Event()

        async def daemon(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                if json.loads(line)["op"] == "first":
                    came.set()
                    await may_answer.wait()
                writer.write(_echo(json.loads(line)) + b"\n")
            writer.close()

        link = DaemonLink(tmp_path / "control")
        async with await asyncio.start_unix_server(daemon, tmp_path / "control"):
            await link.ask("zero", {})
            first = asyncio.ensure_future(link.ask("first", {}))
            await came.wait()
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            may_answer.set()
            answer = await link.ask("second", {})
            assert answer["asked"]["op"] == "second"
            await link.close()

    asyncio.run(play())


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b'{"ok": false, "error": {"key": "phone.bad_mac"}}', "phone.bad_mac"),
        (b'{"ok": false}', ""),
        (b"[1]", "no object"),
        (b"\xff{", ""),
        (None, ""),
    ],
)
def test_what_is_no_answer(answer: bytes | None, said: str, tmp_path: Path) -> None:
    async def play() -> None:
        link = DaemonLink(tmp_path / "control")
        async with Daemon(tmp_path / "control", lambda request: answer):
            with pytest.raises(DaemonGone) as gone:
                await link.ask("phones", {})
            assert said in str(gone.value)
            await link.close()

    asyncio.run(play())
