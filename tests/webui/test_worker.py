"""Readers who take an octet a second, or nothing: the pages stay quick for others.

A real box with its pages under gunicorn; slow readers come from other addresses of loopback, as
from other machines.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.kit.box import Box
from tests.kit.browser import claim_code
from tests.kit.office import office
from tests.kit.processes import wait_until
from tests.store.records import make_record
from tests.webui.test_journal import keep
from webui.worker import MOST_PER_SOURCE, STUCK_S

READERS = 200
#: For a page of others; with one main thread that waits for each reader it would be minutes.
PATIENCE_S = 8.0
_CLAIM = {"name": "admin", "password": "horse battery staple", "again": "horse battery staple"}
_HEAD = "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n{more}\r\n"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with Box(tmp_path / "box", office()) as made:
        made.data.mkdir(parents=True)
        keep(made.data, [make_record(f"c{n:05}", started_at=1e9 + n) for n in range(9000)])
        yield made.start("--with-web")


def page_s(
    box: Box,
    path: str,
    cookie: str = "",
    *,
    source: str = "127.0.0.1",
    patience_s: float = PATIENCE_S,
) -> float:
    """How long somebody else waits for a page."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(
        "127.0.0.1", box.web_port, timeout=patience_s, source_address=(source, 0)
    )
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status < 400
    return time.monotonic() - began


def administrator(box: Box) -> str:
    """Claim the box; the cookie of the session."""
    code = claim_code(box)
    connection = http.client.HTTPConnection("127.0.0.1", box.web_port, timeout=30)
    connection.request("GET", "/claim")
    answer = connection.getresponse()
    cookie = session_of(answer)
    token = re.search(r'name="token" value="([0-9a-f]+)"', answer.read().decode())
    assert token is not None
    body = "&".join(f"{k}={v}" for k, v in {**_CLAIM, "code": code, "token": token[1]}.items())
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/claim", body.replace(" ", "+"), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return session_of(answer)


def session_of(answer: http.client.HTTPResponse) -> str:
    """The cookie that an answer gives."""
    given = answer.headers.get_all("Set-Cookie", [])
    return next(text for text in given if text.startswith("dozvon_session=")).partition(";")[0]


class SlowReaders:
    """Connections that ask, and take an octet when told to; a context manager."""

    def __init__(self, box: Box, source: str, requests: list[bytes]) -> None:
        self.sockets = []
        for octets in requests:
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            sock.bind((source, 0))
            sock.settimeout(5)
            sock.connect(("127.0.0.1", box.web_port))
            sock.sendall(octets)
            sock.setblocking(False)
            self.sockets.append(sock)

    def take_one(self) -> None:
        for sock in self.sockets:
            with contextlib.suppress(OSError):
                sock.recv(1)

    def __enter__(self) -> SlowReaders:
        return self

    def __exit__(self, *error: object) -> None:
        for sock in self.sockets:
            sock.close()


def ask(path: str, cookie: str = "", more: str = "") -> bytes:
    return _HEAD.format(path=path, cookie=cookie, more=more).encode()


def test_readers_of_an_octet_a_second_keep_no_page_from_others(box: Box) -> None:
    """Some want to be parted from, some ask on and on without taking what they asked for."""
    claim_code(box)
    page = "/static/dozvon.css"
    parting = [ask(page, more="Connection: close\r\n")] * (READERS // 2)
    insatiable = [ask(page) * 40] * (READERS // 4)
    polite = [ask(page)] * (READERS // 4)
    with ExitStack() as stack:
        groups = [
            stack.enter_context(SlowReaders(box, f"127.0.0.{9 + place}", requests))
            for place, requests in enumerate((parting, insatiable, polite))
        ]
        waits = []
        for _ in range(6):
            waits.append(page_s(box, "/claim"))
            for group in groups:
                group.take_one()
        assert max(waits) < PATIENCE_S
        wait_until(lambda: page_s(box, "/claim") < 1, 30, "the rush is over", box.log)
    assert "Traceback" not in box.log()


def test_live_pages_that_are_read_by_octets_leave_the_rest_of_the_pages(box: Box) -> None:
    cookie = administrator(box)
    with SlowReaders(box, "127.0.0.9", [ask("/status/live", cookie)] * READERS) as readers:
        waits = []
        for _ in range(6):
            waits += [page_s(box, "/status/", cookie), page_s(box, "/status/live?once=1", cookie)]
            readers.take_one()
        assert max(waits) < PATIENCE_S
    assert "Traceback" not in box.log()


def test_an_export_that_nobody_takes_gives_its_thread_back(box: Box) -> None:
    """All threads of one source are held by answers that do not fit, as long as their readers
    live; that source is served all the same after STUCK_S."""
    cookie = administrator(box)
    asked = [ask("/journal/calls.csv", cookie)] * MOST_PER_SOURCE
    with SlowReaders(box, "127.0.0.9", asked):
        assert page_s(box, "/status/", cookie) < PATIENCE_S
        page_s(box, "/status/", cookie, source="127.0.0.9", patience_s=4 * STUCK_S)
    assert "Traceback" not in box.log()
