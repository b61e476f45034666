"""The pages beside the daemon: they come back when they die, and end with it."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from appliance.service.web_process import WebProcess
from tests.kit.box import Box
from tests.kit.office import office
from tests.kit.processes import wait_until
from webui.gate import POLICY

_WAIT_S = 30.0


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with Box(tmp_path / "box", office(extensions=())) as made:
        yield made.start("--with-web")


def _answers(box: Box) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{box.web_port}/claim", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _servers(box: Box) -> list[int]:
    """Processes that serve the pages of this box: children of its process, and theirs."""
    found, parents = [], [box.program.pid]
    while parents:
        children = [pid for pid in _children(parents.pop()) if pid not in found]
        found += children
        parents += children
    serving = [p for p in found if b"\0web\0" in Path(f"/proc/{p}/cmdline").read_bytes()]
    assert serving
    return serving


def _children(parent: int) -> list[int]:
    """Each thread has children of its own (proc(5))."""
    texts = [path.read_text() for path in Path(f"/proc/{parent}/task").glob("*/children")]
    return [int(pid) for text in texts for pid in text.split()]


def _is_gone(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_pages_that_die_come_back_and_the_daemon_goes_on(box: Box) -> None:
    box.program.wait_until(lambda: _answers(box), _WAIT_S, "the pages answer")
    first = _servers(box)
    os.kill(first[0], signal.SIGKILL)
    wait_until(lambda: _is_gone(first), _WAIT_S, "the pages are gone", box.log)
    assert box.control("status")["calls"] == 0
    box.program.wait_until(lambda: _answers(box), _WAIT_S, "the pages answer again")
    assert box.program.exit_code is None


def test_the_pages_end_with_the_daemon(box: Box) -> None:
    box.program.wait_until(lambda: _answers(box), _WAIT_S, "the pages answer")
    pages = _servers(box)
    assert box.stop() == 0
    wait_until(lambda: _is_gone(pages), _WAIT_S, "the pages are gone", box.log)


def test_the_pages_end_when_the_daemon_is_killed(box: Box) -> None:
    box.program.wait_until(lambda: _answers(box), _WAIT_S, "the pages answer")
    pages = _servers(box)
    box.kill()
    wait_until(lambda: _is_gone(pages), _WAIT_S, "the pages are gone", box.log)
    box.start("--with-web")
    box.program.wait_until(lambda: _answers(box), _WAIT_S, "the pages answer again")


def test_a_machine_that_could_not_begin_them_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, tries = threading.Event(), []
    begin = subprocess.Popen

    def refuse_once(argv: list[str], **options: Any) -> subprocess.Popen[bytes]:
        tries.append(argv)
        if len(tries) == 1:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        begun.set()
        return begin([sys.executable, "-c", "input()"], **options)

    monkeypatch.setattr("appliance.service.web_process.SHORTEST_PAUSE_S", 0.01)
    monkeypatch.setattr(subprocess, "Popen", refuse_once)
    with WebProcess(["web"]):
        assert begun.wait(_WAIT_S)


def test_a_page_that_is_not_ours_is_refused_by_the_server_too(box: Box) -> None:
    box.program.wait_until(lambda: _answers(box), _WAIT_S, "the pages answer")
    url = f"http://127.0.0.1:{box.web_port}/claim"
    request = urllib.request.Request(url, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    assert refused.value.code == 421
    refused.value.close()


def test_slow_clients_do_not_keep_the_pages_from_others(box: Box) -> None:
    box.program.wait_until(lambda: _answers(box), _WAIT_S, "the pages answer")
    head = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900\r\n"
    sent = [b""] * 200 + [head] * 40 + [head + b"\r\nname="] * 40
    with ExitStack() as stack:
        for octets in sent:
            sock = socket.create_connection(
                ("127.0.0.1", box.web_port), 5, source_address=("127.0.0.9", 0)
            )
            stack.enter_context(sock)
            sock.sendall(octets)
        assert all(_answers(box) for _ in range(5))


def test_what_the_server_itself_refuses_carries_the_policy(box: Box) -> None:
    """Octets that are no request never come to the application."""
    box.program.wait_until(lambda: _answers(box), _WAIT_S, "the pages answer")
    for octets in (
        b"no request at all\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: <b>\r\nbad header\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", box.web_port), 10) as sock:
            sock.sendall(octets)
            answer = b"".join(iter(lambda sock=sock: sock.recv(4096), b"")).decode()
        head = answer.partition("\r\n\r\n")[0].splitlines()
        assert head[0].split()[1] == "400"
        assert f"Content-Security-Policy: {POLICY}" in head
        assert "<b>" not in answer
