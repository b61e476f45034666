"""The TFTP server: with clients nobody here wrote, with faults, and with those who mean harm."""

from __future__ import annotations

import asyncio
import hashlib
import resource
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provisioning.tftp import Asked, TftpLimits, TftpServer
from provisioning.tftp_transfer import TransferLimits
from tests.kit.tftp_client import TftpClient

QUICK = TftpLimits(of_one_host=10_000, transfer=TransferLimits(retransmit_s=0.05, tries=100))
#: 33 MiB: with blocks of 512 octets their numbers wrap.
LONG = hashlib.shake_256(b"long").digest(33 * 1024 * 1024)
FILES = {
    "/phone.cfg": b"account.1.password = secret\n" * 300,
    "/exact.bin": bytes(1024),
    "/empty": b"",
    "/long.bin": LONG,
}

Work = Callable[[tuple[str, int], TftpServer], Any]


def serve(work: Work, limits: TftpLimits = QUICK, contents: Any = None) -> Any:
    """Run work(address, server) in a thread beside a server on loopback."""

    async def given(asked: Asked) -> bytes | None:
        assert asked.host == asked.local_host == "127.0.0.1"
        return FILES.get(asked.path)

    async def run() -> Any:
        server = TftpServer(contents or given, limits)
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        address = sock.getsockname()
        server.listen(sock)
        try:
            return await asyncio.to_thread(work, address, server)
        finally:
            server.close()

    return asyncio.run(run())


# ---- clients nobody here wrote


CLIENTS = ("tftp-hpa", "atftp", "atftp-window", "curl")
FETCHED = [(client, name) for client in CLIENTS for name in ("phone.cfg", "exact.bin")]


@pytest.mark.parametrize(("client", "name"), [*FETCHED, ("tftp-hpa", "long.bin")])
def test_clients_get_the_file(client: str, name: str, tmp_path: Path) -> None:
    target = tmp_path / "got"

    def fetch(address: tuple[str, int], server: TftpServer) -> None:
        host, port = address
        argv = {
            "tftp-hpa": ["tftp", "-m", "binary", host, str(port), "-c", "get", name, str(target)],
            "atftp": ["atftp", "--option", "blksize 1428", "--get", "-r", name],
            "atftp-window": ["atftp", "--option", "windowsize 8", "--get", "-r", name],
            "curl": ["curl", "-s", f"tftp://{host}:{port}/{name}", "-o", str(target)],
        }[client]
        if client.startswith("atftp"):
            argv += ["-l", str(target), host, str(port)]
        subprocess.run(argv, check=True, timeout=60, capture_output=True)

    serve(fetch)
    assert target.read_bytes() == FILES[f"/{name}"]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["tftp", "-m", "ascii", "HOST", "PORT", "-c", "get", "phone.cfg"], "octet only"),
        (["tftp", "-m", "binary", "HOST", "PORT", "-c", "get", "nothing"], "not found"),
        (["tftp", "-m", "binary", "HOST", "PORT", "-c", "put", "/etc/hostname", "x"], "read only"),
    ],
)
def test_what_clients_are_refused(argv: list[str], said: str, tmp_path: Path) -> None:
    def ask(address: tuple[str, int], server: TftpServer) -> str:
        names = {"HOST": address[0], "PORT": str(address[1])}
        done = subprocess.run(
            [names.get(word, word) for word in argv],
            capture_output=True,
            text=True,
            timeout=30,
            cwd=tmp_path,
            check=False,
        )
        return done.stdout + done.stderr

    assert said in serve(ask)


# ---- faults


@pytest.mark.parametrize("options", [(), ("blksize", "1428", "windowsize", "16"), ("tsize", "0")])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_fifth_of_all_datagrams_is_lost(options: tuple[str, ...], seed: int) -> None:
    def fetch(address: tuple[str, int], server: TftpServer) -> bytes:
        with TftpClient(address, loss=0.2, seed=seed, patience_s=0.12) as client:
            return client.get("phone.cfg", *options)

    assert serve(fetch) == FILES["/phone.cfg"]


def test_repeated_acknowledgements_double_nothing() -> None:
    """The Sorcerer's Apprentice (RFC 1123 §4.2.3.1)."""

    def fetch(address: tuple[str, int], server: TftpServer) -> int:
        with TftpClient(address) as client:
            assert client.get("phone.cfg", twice=True) == FILES["/phone.cfg"]
            return client.received

    assert serve(fetch) <= len(FILES["/phone.cfg"]) // 512 + 2


def test_a_file_of_whole_blocks_ends_with_an_empty_one() -> None:
    def fetch(address: tuple[str, int], server: TftpServer) -> tuple[bytes, bytes]:
        with TftpClient(address) as client:
            return client.get("exact.bin"), client.get("empty")

    assert serve(fetch) == (bytes(1024), b"")


# ---- harm


def test_nobody_is_sent_more_than_twice_what_he_asked_with() -> None:
    """A forged source gets no more, however long it keeps silent; then the transfer is over."""
    limits = TftpLimits(transfer=TransferLimits(retransmit_s=0.02, half_open_s=0.1))

    def ask(address: tuple[str, int], server: TftpServer) -> list[tuple[int, int]]:
        found = []
        for options in (("blksize", "1428", "tsize", "0"), ("windowsize", "16")):
            with TftpClient(address, patience_s=0.5) as client:
                request = client.request("phone.cfg", *options)
                client.send(request)
                octets = 0
                while True:
                    try:
                        octets += len(client.receive()[0])
                    except TimeoutError:
                        break
                found.append((octets, len(request)))
        assert server.transfers_alive == 0
        return found

    for octets, asked in serve(ask, limits):
        assert 0 < octets <= 2 * asked


def test_a_request_without_options_gets_one_block_and_no_repetition() -> None:
    limits = TftpLimits(transfer=TransferLimits(retransmit_s=0.02, half_open_s=0.1))

    def ask(address: tuple[str, int], server: TftpServer) -> int:
        with TftpClient(address, patience_s=0.5) as client:
            client.send(client.request("phone.cfg"))
            assert len(client.receive()[0]) == 516
            with pytest.raises(TimeoutError):
                client.receive()
            return server.transfers_alive

    assert serve(ask, limits) == 0


def test_octets_of_all_kinds_end_nothing() -> None:
    def ask(address: tuple[str, int], server: TftpServer) -> bytes:
        with TftpClient(address, patience_s=0.2) as client:
            for data in (b"", b"\0", b"\xff", b"\0\1", b"\0\2a\0octet\0", b"\0\1" + b"a" * 60000):
                client.send(data)
            for number in range(300):
                client.send(hashlib.shake_256(str(number).encode()).digest(number))
            for options in (
                ("blksize", "0"),
                ("blksize", "abc"),
                ("windowsize", "-1"),
                ("blksize",),
            ):
                client.send(client.request("phone.cfg", *options))
            for name in ("../../etc/passwd", "..\\..\\x", "a\0b", "%00", "sub/../../secret"):
                client.send(client.request(name))
        with TftpClient(address) as client:
            return client.get("phone.cfg")

    assert serve(ask) == FILES["/phone.cfg"]


def test_half_open_transfers_by_the_thousand_cost_little_and_end() -> None:
    limits = TftpLimits(
        transfers=256,
        of_one_host=10_000,
        transfer=TransferLimits(half_open_s=0.3, retransmit_s=0.1),
    )

    def ask(address: tuple[str, int], server: TftpServer) -> tuple[int, float, bytes]:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        most = 0
        clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(200)]
        request = b"\0\1phone.cfg\0octet\0blksize\x001428\0"
        for _ in range(15):
            for client in clients:
                client.sendto(request, address)
            most = max(most, server.transfers_alive)
            for client in clients:
                client.close()
            clients = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(200)]
        for client in clients:
            client.close()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        with TftpClient(address, patience_s=0.3) as client:  # somebody else is served all the same
            return most, grown, client.get("phone.cfg")

    most, grown_kb, content = serve(ask, limits)
    assert most <= 256
    assert grown_kb < 5 * 1024
    assert content == FILES["/phone.cfg"]


def test_one_host_has_so_many_transfers_and_no_more() -> None:
    calls = 0

    async def contents(asked: Asked) -> bytes:
        nonlocal calls
        calls += 1
        return b"x" * 5000

    def ask(address: tuple[str, int], server: TftpServer) -> int:
        clients = [TftpClient(address, patience_s=0.3) for _ in range(30)]
        for client in clients:
            client.send(client.request("a", "blksize", "512"))
        answered = 0
        for client in clients:
            try:
                client.receive()
                answered += 1
            except TimeoutError:
                break
        for client in clients:
            client.close()
        return answered

    assert serve(ask, TftpLimits(of_one_host=4), contents) == 4
    assert calls == 4


def test_what_breaks_behind_the_counter_ends_that_request_alone() -> None:
    async def contents(asked: Asked) -> bytes:
        if asked.path == "/bad":
            raise RuntimeError("broken")
        return b"good"

    def ask(address: tuple[str, int], server: TftpServer) -> bytes:
        with TftpClient(address, patience_s=0.2) as client:
            client.send(client.request("bad"))
            return client.get("good")

    assert serve(ask, contents=contents) == b"good"
