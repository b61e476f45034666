"""The HTTP server of phones: with curl, with old and slow clients, and with those who mean harm."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provisioning.http import Asked, HttpLimits, HttpServer
from provisioning.http_answers import Answer
from provisioning.tls import make_certificate, modern_context, old_context

Address = tuple[str, int]
BODY = b"<config/>\n" * 2000
QUICK = HttpLimits(head_s=0.3, idle_s=0.3, write_s=0.5, of_one_host=100)


async def _give(asked: Asked) -> Answer:
    if asked.target == "/broken":
        raise RuntimeError("broken")
    if asked.target == "/huge":
        return Answer(status=200, body=bytes(30_000_000))
    if asked.target != "/a.xml":
        return Answer(status=404, body=b"not found\n")
    tls = b"" if not asked.is_tls else b"<!-- tls -->"
    return Answer(status=200, body=tls + BODY, content_type="text/xml", changed_at=1e9)


def serve(
    work: Callable[[Address], Any], limits: HttpLimits = QUICK, tls: ssl.SSLContext | None = None
) -> Any:
    """Run work(address) in a thread beside a server on loopback; nothing is left afterwards."""

    async def run() -> Any:
        server = HttpServer(_give, limits)
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        address = sock.getsockname()
        await server.listen(sock, tls)
        try:
            return await asyncio.to_thread(work, address)
        finally:
            await server.close()
            assert server.connections_alive == 0

    return asyncio.run(run())


def talk(address: Address, octets: bytes, timeout_s: float = 5.0) -> bytes:
    """Say something, then read until the far end closes."""
    with socket.create_connection(address, timeout_s) as sock:
        sock.sendall(octets)
        said = b""
        while chunk := sock.recv(65536):
            said += chunk
        return said


def curl(address: Address, *arguments: str, path: str = "/a.xml", scheme: str = "http") -> str:
    url = f"{scheme}://{address[0]}:{address[1]}{path}"
    argv = ["curl", "-sS", "-k", "--max-time", "10", *arguments, url]
    done = subprocess.run(argv, capture_output=True, timeout=20, check=False)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


# ---- clients nobody here wrote


def test_curl_gets_files_heads_and_parts(tmp_path: Path) -> None:
    def ask(address: Address) -> None:
        assert curl(address) == BODY.decode()
        assert curl(address, "--http1.0", "-H", "Host:") == BODY.decode()
        assert "Content-Length: 20000" in curl(address, "-I")
        assert curl(address, "-r", "10-18") == BODY[10:19].decode()
        assert "200 304" in curl(
            address,
            *("--etag-save", str(tmp_path / "tag"), "-o", "/dev/null", "-w", "%{http_code} "),
        ) + curl(
            address,
            *("--etag-compare", str(tmp_path / "tag"), "-o", "/dev/null", "-w", "%{http_code}"),
        )
        assert curl(address, "-w", "%{http_code}", path="/b") == "not found\n404"

    serve(ask)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PROPFIND"])
def test_uploads_are_refused(method: str, tmp_path: Path) -> None:
    log = tmp_path / "boot.log"
    log.write_bytes(b"x" * 100_000)

    def ask(address: Address) -> str:
        return curl(address, "-X", method, "--data-binary", f"@{log}", "-w", "%{http_code}")

    assert serve(ask).endswith("405")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "phones.pem"
    path.write_bytes(make_certificate("Dozvon"))
    return path


@pytest.mark.parametrize(
    ("version", "is_old", "is_taken"),
    [
        (("--tlsv1.2", "--tls-max", "1.2"), False, True),
        (("--tlsv1.3",), False, True),
        (("--tlsv1.0", "--tls-max", "1.0", "--ciphers", "ALL:@SECLEVEL=0"), False, False),
        (("--tlsv1.0", "--tls-max", "1.0", "--ciphers", "ALL:@SECLEVEL=0"), True, True),
    ],
)
def test_tls(certificate: Path, version: tuple[str, ...], is_old: bool, is_taken: bool) -> None:
    context = old_context(certificate) if is_old else modern_context(certificate)

    def ask(address: Address) -> str:
        return curl(address, *version, scheme="https")

    assert serve(ask, tls=context).startswith("<!-- tls --><config/>") is is_taken


# ---- old clients


def test_http_1_0_without_host_is_answered_and_closed() -> None:
    said = serve(lambda address: talk(address, b"GET /a.xml HTTP/1.0\r\n\r\n"))
    assert said.startswith(b"HTTP/1.1 200 OK\r\n") and said.endswith(BODY)


def test_several_requests_on_one_connection() -> None:
    wanted = b"HEAD /a.xml HTTP/1.1\r\nHost: x\r\n\r\n" * 3
    last = b"GET /a.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    said = serve(lambda address: talk(address, wanted + last))
    assert said.count(b"HTTP/1.1 200 OK") == 4 and said.count(BODY) == 1


# ---- harm


@pytest.mark.parametrize(
    "octets",
    [
        b"\x16\x03\x01\x02\x00\x01\x00" + b"\xff" * 500,
        b"GET\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /a.xml HTTP/1.1\r\n\r\n",
        b"GET /a.xml HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET /" + b"x" * 65536 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /a.xml HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        b"GET /a.xml HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"GET /a.xml HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n\r\n",
        b"GET /a\0.xml HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_cannot_be_read_is_refused_and_the_next_is_served(octets: bytes) -> None:
    def ask(address: Address) -> tuple[bytes, str]:
        try:
            said = talk(address, octets)
        except ConnectionResetError:
            said = b""
        return said, curl(address)

    said, afterwards = serve(ask)
    assert said == b"" or said.startswith((b"HTTP/1.1 4", b"HTTP/1.1 5"))
    assert afterwards == BODY.decode()


def test_who_sends_too_slowly_is_cut_off() -> None:
    assert serve(lambda address: talk(address, b"GET /a.xml HTT")) == b""
    assert serve(lambda address: talk(address, b"")) == b""


def test_who_does_not_read_is_cut_off() -> None:
    def ask(address: Address) -> str:
        with socket.create_connection(address, 10) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.sendall(b"GET /huge HTTP/1.1\r\nHost: x\r\n\r\n")
            return curl(address)  # others are served meanwhile

    assert serve(ask) == BODY.decode()


def test_the_idle_give_way_when_there_are_too_many() -> None:
    limits = HttpLimits(connections=20, of_one_host=1000)

    def ask(address: Address) -> str:
        idle = [socket.create_connection(address, 5) for _ in range(60)]
        try:
            return curl(address)
        finally:
            for sock in idle:
                sock.close()

    assert serve(ask, limits) == BODY.decode()


def test_one_host_has_so_many_connections_and_no_more() -> None:
    limits = HttpLimits(of_one_host=3, idle_s=5, head_s=5)

    def ask(address: Address) -> int:
        socks = [socket.create_connection(address, 5) for _ in range(8)]
        for sock in socks:
            sock.settimeout(0.3)
        closed = 0
        for sock in socks:
            try:
                closed += sock.recv(1) == b""
            except TimeoutError:
                continue
            except ConnectionResetError:
                closed += 1
        for sock in socks:
            sock.close()
        return closed

    assert serve(ask, limits) == 5


def _refused(socks: list[socket.socket]) -> int:
    """How many of these connections were ended by the far end at once."""
    count = 0
    for sock in socks:
        sock.settimeout(0.3)
        with contextlib.suppress(TimeoutError):
            try:
                count += sock.recv(1) == b""
            except ConnectionResetError:
                count += 1
    return count


def test_a_host_that_is_silent_instead_of_beginning_tls_has_no_more_connections_either(
    certificate: Path,
) -> None:
    """Each of them would cost a third of a megabyte before its first request."""
    limits = HttpLimits(of_one_host=3, idle_s=5, head_s=5)

    def ask(address: Address) -> int:
        socks = [socket.create_connection(address, 5) for _ in range(8)]
        refused = _refused(socks)
        for sock in socks:
            sock.close()
        return refused

    assert serve(ask, limits, modern_context(certificate)) == 5


def test_those_who_never_begin_tls_give_way_to_a_phone_that_does(certificate: Path) -> None:
    limits = HttpLimits(tls_connections=4, of_one_host=100, idle_s=5, head_s=5)

    def ask(address: Address) -> tuple[int, str]:
        silent = [socket.create_connection(address, 5) for _ in range(10)]
        said = curl(address, scheme="https")
        refused = _refused(silent)
        for sock in silent:
            sock.close()
        return refused, said

    refused, said = serve(ask, limits, modern_context(certificate))
    assert said.startswith("<!-- tls --><config/>") and refused == 7


def test_who_never_begins_tls_is_cut_off_in_time(certificate: Path) -> None:
    assert serve(lambda address: talk(address, b""), tls=modern_context(certificate)) == b""


def test_what_breaks_behind_the_counter_ends_that_connection_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def ask(address: Address) -> tuple[str, str]:
        return curl(address, path="/broken"), curl(address)

    broken, afterwards = serve(ask)
    assert "Empty reply" in broken and afterwards == BODY.decode()
