"""The control socket and its client."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import socket
import stat
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import ConfigErrors, Problem, UserError
from appliance.net.control import ControlServer, Handler
from appliance.net.control_client import call
from appliance.store.database import StateError
from tests.net.kit import until

_PROBLEM = {"key": "number.bad", "path": "extensions[1]", "params": {"n": "x"}}


async def _handler(op: str, args: Mapping[str, Any]) -> Any:
    match op:
        case "echo":
            return dict(args)
        case "refuse":
            raise UserError("call.not_found", call_ref="c7", path=Path("/tmp"))
        case "config":
            raise ConfigErrors((Problem("number.bad", "extensions[1]", {"n": "x"}),))
        case "store":
            raise StateError("store.disk_full", "no room")
        case "defect":
            raise RuntimeError("ours")
        case "large":
            return "x" * 1_000_000
        case "never":
            await asyncio.Event().wait()
    return None


def _run(
    path: Path,
    scenario: Callable[[ControlServer], Awaitable[None]],
    handler: Handler = _handler,
) -> None:
    async def whole() -> None:
        server = ControlServer(path, handler)
        await server.start()
        try:
            await scenario(server)
        finally:
            await server.close()

    asyncio.run(whole())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "control.sock"


async def _ask(path: Path, *lines: bytes) -> list[Any]:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b"".join(lines))
    writer.write_eof()
    answers = await reader.read()
    writer.close()
    await writer.wait_closed()
    return [json.loads(line) for line in answers.splitlines()]


def test_requests_of_one_connection_are_answered_in_order(path: Path) -> None:
    async def scenario(server: ControlServer) -> None:
        lines = [json.dumps({"op": "echo", "args": {"n": n}}).encode() + b"\n" for n in range(50)]
        lines[-1] = lines[-1].rstrip()  # the last line may lack its end
        answers = await _ask(path, *lines)
        assert answers == [{"ok": True, "result": {"n": n}} for n in range(50)]

    _run(path, scenario)


@pytest.mark.parametrize(
    "line",
    [
        b"no json\n",
        b"[]\n",
        b'"text"\n',
        b"{}\n",
        b'{"op": 7}\n',
        b'{"op": ""}\n',
        b'{"op": "echo", "args": []}\n',
        b"\xff\xfe\n",
        b"\n",
        b"[" * 60_000 + b"\n",
    ],
)
def test_bad_requests_are_told_and_the_conversation_goes_on(path: Path, line: bytes) -> None:
    async def scenario(server: ControlServer) -> None:
        bad, good = await _ask(path, line, b'{"op": "echo"}\n')
        assert (bad["ok"], bad["error"]["key"]) == (False, "control.bad_request")
        assert good == {"ok": True, "result": {}}

    _run(path, scenario)


def test_a_line_that_is_too_long_ends_the_conversation(path: Path) -> None:
    async def scenario(server: ControlServer) -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"x" * 70_000)
        answer = json.loads(await reader.readline())
        assert answer["error"]["key"] == "control.too_long"
        writer.close()
        assert await _ask(path, b'{"op": "echo"}\n')

    _run(path, scenario)


@pytest.mark.parametrize(
    ("op", "error"),
    [
        ("refuse", {"key": "call.not_found", "params": {"call_ref": "c7", "path": "/tmp"}}),
        ("config", {"key": "config.refused", "params": {"problems": [_PROBLEM]}}),
        ("store", {"key": "store.disk_full", "params": {"said": "store.disk_full: no room"}}),
        ("defect", {"key": "control.internal", "params": {}}),
    ],
)
def test_errors_carry_their_keys(path: Path, op: str, error: Any) -> None:
    async def scenario(server: ControlServer) -> None:
        assert await _ask(path, json.dumps({"op": op}).encode()) == [{"ok": False, "error": error}]

    _run(path, scenario)


def test_a_plain_function_may_be_the_handler(path: Path) -> None:
    async def scenario(server: ControlServer) -> None:
        assert await _ask(path, b'{"op": "x"}\n') == [{"ok": True, "result": "x"}]

    _run(path, scenario, lambda op, args: op)


def test_the_file_is_for_the_owner_and_the_group_and_goes_with_the_server(path: Path) -> None:
    async def scenario(server: ControlServer) -> None:
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o660

    _run(path, scenario)
    assert not path.exists()


def test_what_a_dead_daemon_left_is_replaced(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))

    async def scenario(server: ControlServer) -> None:
        assert await _ask(path, b'{"op": "echo"}\n')

    _run(path, scenario)


def test_a_living_daemon_is_not_pushed_out(path: Path) -> None:
    async def scenario(server: ControlServer) -> None:
        second = ControlServer(path, _handler)
        with pytest.raises(UserError) as refused:
            await second.start()
        assert refused.value.key == "control.already_running"
        await second.close()
        assert await _ask(path, b'{"op": "echo"}\n')

    _run(path, scenario)


def test_a_file_that_is_no_socket_is_not_touched(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(UserError) as refused:
        asyncio.run(ControlServer(path, _handler).start())
    assert refused.value.key == "control.not_a_socket"
    assert path.read_text() == "precious"


def test_a_place_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    for place in (tmp_path / "none" / "x.sock", tmp_path / ("x" * 200)):
        with pytest.raises(UserError) as refused:
            asyncio.run(ControlServer(place, _handler).start())
        assert refused.value.key == "control.cannot_listen"


def test_closing_ends_whoever_still_waits(path: Path) -> None:
    async def scenario(server: ControlServer) -> None:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b'{"op": "never"}\n')
        while not server._clients:
            await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await server.close()
            assert await reader.read() == b""
        writer.close()

    _run(path, scenario)


@pytest.mark.parametrize("turns", range(6))
def test_who_comes_as_it_closes_is_sent_away(path: Path, turns: int) -> None:
    """However many turns of the loop his connection had: accepted, given a task, listened to."""

    async def scenario(server: ControlServer) -> None:
        with await _hold(path, 1):
            for _ in range(turns):
                await asyncio.sleep(0)
            await server.close()
            for _ in range(10):
                await asyncio.sleep(0)
            assert asyncio.all_tasks() == {asyncio.current_task()}

    _run(path, scenario)


# ---- the client


def _call(path: Path, op: str, args: Mapping[str, Any] | None = None, timeout_s: float = 5) -> Any:
    """The blocking client against a server in this process."""
    result: list[Any] = []

    async def scenario(server: ControlServer) -> None:
        result.append(await asyncio.to_thread(call, path, op, args, timeout_s))

    _run(path, scenario)
    return result[0]


async def _hold(path: Path, count: int, said: bytes = b"") -> ExitStack:
    """So many connections that have said this and read nothing, until the stack is closed."""
    held = ExitStack()
    for _ in range(count):
        sock = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        sock.setblocking(False)
        while sock.connect_ex(str(path)):  # the server has not taken the last ones yet
            await asyncio.sleep(0)
        sock.send(said)
    return held


@pytest.mark.parametrize(
    "said", [b"", b'{"op": "ec', b'{"op": "large"}\n'], ids=["silent", "half a line", "deaf"]
)
def test_idle_connections_starve_nobody(path: Path, said: bytes) -> None:
    """A crowd that asks nothing, half a thing, or never reads: the longest idle gives way."""

    async def scenario(server: ControlServer) -> None:
        before = len(os.listdir("/proc/self/fd"))
        held = await _hold(path, 200, said)
        for n in range(100):
            async with asyncio.timeout(5):
                answers = await _ask(path, b'{"op": "echo", "args": {"n": %d}}' % n)
            assert answers == [{"ok": True, "result": {"n": n}}]
        assert len(server._clients) <= 64
        held.close()
        await until(lambda: len(os.listdir("/proc/self/fd")) <= before)

    _run(path, scenario)


def test_a_crowd_at_work_leaves_no_room_and_says_so(path: Path) -> None:
    async def scenario(server: ControlServer) -> None:
        held = await _hold(path, 64, b'{"op": "never"}\n')
        await until(lambda: list(server._clients.values()) == [None] * 64)
        (answer,) = await _ask(path, b'{"op": "echo"}\n')
        assert answer["error"]["key"] == "control.too_many_clients"
        held.close()

    _run(path, scenario)


def test_the_client_brings_the_result(path: Path) -> None:
    assert _call(path, "echo", {"слово": [1, None]}) == {"слово": [1, None]}
    assert len(_call(path, "large")) == 1_000_000


def test_the_client_raises_what_the_daemon_said(path: Path) -> None:
    with pytest.raises(UserError) as refused:
        _call(path, "refuse")
    assert (refused.value.key, refused.value.params["call_ref"]) == ("call.not_found", "c7")


def test_the_client_does_not_wait_for_ever(path: Path) -> None:
    with pytest.raises(UserError) as refused:
        _call(path, "never", timeout_s=0.05)
    assert refused.value.key == "control.timeout"


def test_nobody_there(path: Path) -> None:
    with pytest.raises(UserError) as refused:
        call(path, "status")
    assert refused.value.key == "control.not_running"


def test_a_program_without_a_free_descriptor_is_told_so(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(UserError) as refused:
        call(path, "status")
    assert refused.value.key == "control.not_running"


@pytest.mark.parametrize("answer", [b"", b"junk\n", b"[]\n", b"{}\n", b'{"ok": false}\n'])
def test_an_answer_that_is_none(path: Path, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as odd:
        odd.bind(str(path))
        odd.listen()

        def serve() -> None:
            connection, _ = odd.accept()
            connection.recv(1000)
            connection.sendall(answer)
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(UserError) as refused:
            call(path, "status")
        thread.join(5)
    assert refused.value.key == "control.bad_answer"
