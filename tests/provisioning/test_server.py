"""server.py: an office that moves to other networks is served there without a restart."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import replace
from pathlib import Path

from appliance.config.store import ConfigStore
from provisioning.brand_book import BrandBook
from provisioning.catalogue import shipped
from provisioning.server import Server, ServerOptions, _Files
from tests.config.offices import office


async def _status(port: int) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /nothing HTTP/1.0\r\n\r\n")
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return int(line.split()[1])


def test_other_networks_are_served_as_soon_as_the_daemon_has_them(tmp_path: Path) -> None:
    store = ConfigStore(tmp_path / "config.db")
    revision = 0

    def move_to(network: str) -> None:
        nonlocal revision
        site = replace(office().site, local_networks=(network,))
        revision = store.save(replace(office(), site=site), revision, "test")

    async def daemon(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            answer = {"ok": True, "result": {"revision": revision}}
            writer.write(json.dumps(answer).encode() + b"\n")
        writer.close()

    async def run() -> None:
        sock = socket.create_server(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        options = ServerOptions(data=tmp_path, sockets={"http": [sock]})
        server = Server(options, BrandBook(shipped))
        async with await asyncio.start_unix_server(daemon, tmp_path / "control.sock"):
            await server.start()
            move_to("10.9.0.0/16")
            await server.beat()
            assert await _status(port) == 403
            move_to("127.0.0.0/8")
            await server.beat()
            assert await _status(port) == 404
            await server.close()

    asyncio.run(run())
    store.close()


def test_a_certificate_that_cannot_be_loaded_leaves_phones_without_tls(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_bytes(b"damaged")
    told: list[dict[str, int]] = []

    async def daemon(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            asked = json.loads(line)
            if asked["op"] == "phone_server":
                told.append(asked["args"]["ports"])
            writer.write(b'{"ok": true, "result": {"revision": 0}}\n')
        writer.close()

    async def run() -> None:
        plain, tls = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
        port = plain.getsockname()[1]
        sockets = {"http": [plain], "tls": [tls]}
        options = ServerOptions(data=tmp_path, sockets=sockets, certificate=tmp_path / "x.pem")
        server = Server(options, BrandBook(shipped))
        async with await asyncio.start_unix_server(daemon, tmp_path / "control.sock"):
            await server.start()
            await server.beat()
            assert await _status(port) in (403, 404)
            await server.close()
        tls.close()
        assert told == [{"http": port}]

    asyncio.run(run())


def test_no_two_contents_of_a_file_have_the_same_date_whatever_becomes_of_the_clock() -> None:
    files = _Files()
    first = files.changed_at("a", b"without passwords", 1_800_000_000.2)
    assert files.changed_at("a", b"without passwords", 1_800_000_500.0) == first
    second = files.changed_at("a", b"with passwords", 1_800_000_000.9)
    assert int(second) > int(first), "the same second"
    assert files.changed_at("a", b"without again", 0.0) > second, "the clock was set back"
    assert files.changed_at("b", b"x", 0.0) == 0.0
