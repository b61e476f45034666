"""Streams: messages in pieces, pings, connections found again, and who is let go."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from appliance.errors import UserError
from appliance.net.stream import Streams
from appliance.net.stream_room import StreamLimits
from appliance.sip.events import Hop, Transport
from tests.net.kit import FakeEar, HandClock, message, until


class Box:
    """Streams with their surroundings."""

    def __init__(self, limits: StreamLimits | None = None) -> None:
        self.ear = FakeEar()
        self.clock = HandClock()
        self.streams = Streams(self.ear, self.clock, limits)
        self.host = "127.0.0.1"
        self.port = 0

    async def phone(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self.host, self.port)


def _run(
    scenario: Callable[[Box], Awaitable[None]],
    limits: StreamLimits | None = None,
    host: str = "127.0.0.1",
) -> Box:
    box = Box(limits)

    async def whole() -> None:
        box.host = host
        box.port = await box.streams.listen(host, 0)
        try:
            await scenario(box)
        finally:
            await box.streams.close()
            await until(lambda: not box.streams.count)

    asyncio.run(whole())
    return box


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_messages_come_whole_however_they_are_cut(host: str) -> None:
    async def scenario(box: Box) -> None:
        _, writer = await box.phone()
        data = message(b"one") + message(b"") + message(b"three")
        for octet in data:
            writer.write(bytes([octet]))
            await writer.drain()
        await until(lambda: len(box.ear.received) == 3)
        own = writer.get_extra_info("sockname")
        assert [d for d, _ in box.ear.received] == [
            message(b"one"),
            message(b""),
            message(b"three"),
        ]
        assert {h for _, h in box.ear.received} == {Hop(Transport.TCP, own[0], own[1], 1)}
        await _close(writer)

    _run(scenario, host=host)


def test_an_answer_goes_back_by_its_own_connection() -> None:
    async def scenario(box: Box) -> None:
        phones = [await box.phone() for _ in range(3)]
        for n, (_, writer) in enumerate(phones):
            writer.write(message(b"%d" % n))
        await until(lambda: len(box.ear.received) == 3)
        for data, hop in reversed(box.ear.received):
            box.streams.send(b"to " + data[-1:], hop)
        for n, (reader, writer) in enumerate(phones):
            assert await reader.readexactly(4) == b"to %d" % n
            await _close(writer)

    _run(scenario)


def test_streams_are_marked_cs3_and_notice_a_dead_far_end() -> None:
    async def scenario(box: Box) -> None:
        _, writer = await box.phone()
        await until(lambda: box.streams.count)
        (connection,) = box.streams._connections.values()
        assert connection._transport is not None
        sock = connection._transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_IP, socket.IP_TOS) == 0x60
        assert sock.getsockopt(socket.IPPROTO_TCP, 18) == 20_000  # TCP_USER_TIMEOUT
        await _close(writer)

    _run(scenario)


def test_pings_are_answered() -> None:
    async def scenario(box: Box) -> None:
        reader, writer = await box.phone()
        writer.write(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"
        writer.write(message() + b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"
        assert len(box.ear.received) == 1
        await _close(writer)

    _run(scenario)


def test_an_own_connection_is_made_once_and_used_both_ways() -> None:
    async def scenario(box: Box) -> None:
        got: list[bytes] = []

        async def provider(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            got.append(await reader.readexactly(6))
            writer.write(message(b"answer"))
            await reader.read()
            await _close(writer)
            got.append(b"bye")

        server = await asyncio.start_server(provider, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        hop = Hop(Transport.TCP, "127.0.0.1", port)
        box.streams.send(b"one", hop)
        box.streams.send(b"two", hop)
        await until(lambda: box.ear.received)
        assert got == [b"onetwo"]
        assert box.ear.received[0][1] == Hop(Transport.TCP, "127.0.0.1", port, 1)
        assert box.streams.count == 1
        await box.streams.close()
        await until(lambda: got[-1] == b"bye")
        server.close()

    _run(scenario)


def test_nobody_there_fails_all_who_wait() -> None:
    async def scenario(box: Box) -> None:
        with socket.socket() as gone:
            gone.bind(("127.0.0.1", 0))
            port = gone.getsockname()[1]
        hops = [Hop(Transport.TCP, "127.0.0.1", port, n) for n in (0, 99)]
        for hop in hops:
            box.streams.send(b"x", hop)
        await until(lambda: len(box.ear.failed) == 2)
        assert [hop for hop, _ in box.ear.failed] == hops

    _run(scenario)


def test_a_name_is_never_resolved() -> None:
    async def scenario(box: Box) -> None:
        hop = Hop(Transport.TCP, "phone.example", 5060)
        box.streams.send(b"x", hop)
        assert box.ear.failed == [(hop, "not a literal address")]

    _run(scenario)


def test_a_far_end_that_does_not_answer_the_connection() -> None:
    async def scenario(box: Box) -> None:
        with socket.socket() as full:  # a backlog that is full swallows our SYN
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            address = full.getsockname()
            fillers = [socket.socket() for _ in range(4)]
            for filler in fillers:
                filler.setblocking(False)
                with suppress(BlockingIOError):
                    filler.connect(address)
            hop = Hop(Transport.TCP, address[0], address[1])
            box.streams.send(b"x", hop)
            await until(lambda: box.ear.failed)
            assert box.ear.failed == [(hop, "no answer to the connection")]
            for filler in fillers:
                filler.close()

    _run(scenario, StreamLimits(connect_s=0.2))


def test_a_closed_connection_is_told_under_every_name_it_had() -> None:
    async def scenario(box: Box) -> None:
        _, writer = await box.phone()
        writer.write(message())
        await until(lambda: box.ear.received)
        hop = box.ear.received[0][1]
        listening = Hop(Transport.TCP, hop.host, 5060, hop.connection)
        box.streams.send(b"x", listening)
        writer.transport.abort()
        await until(lambda: box.ear.closed)
        assert box.ear.closed == [hop]
        assert listening in {h for h, _ in box.ear.failed}
        assert hop in {h for h, _ in box.ear.failed}

    _run(scenario)


@pytest.mark.parametrize(
    "junk", [b"GET / HTTP/1.1\r\n\r\n", b"X y SIP/2.0\r\nContent-Length: ?\r\n\r\n"]
)
def test_a_stream_that_cannot_be_trusted_is_closed(junk: bytes) -> None:
    async def scenario(box: Box) -> None:
        reader, writer = await box.phone()
        writer.write(junk)
        with suppress(ConnectionResetError):
            assert await reader.read() == b""
        await until(lambda: box.ear.closed)
        assert box.ear.received == []
        await _close(writer)

    _run(scenario)


def _left(box: Box) -> list[int]:
    return sorted(box.streams._connections)


def test_who_says_nothing_or_crumbs_is_let_go() -> None:
    async def scenario(box: Box) -> None:
        phones = [await box.phone() for _ in range(3)]
        silent, crumbs, honest = (writer for _, writer in phones)
        honest.write(message())
        await until(lambda: box.ear.received and box.streams.count == 3)
        for _ in range(5):
            box.clock.advance(4)
            crumbs.write(b"OPTI")
            await crumbs.drain()
            await until(lambda: all(c.starved_at for n, c in _all(box) if n == 2))
        await until(lambda: box.streams.count == 1)
        assert _left(box) == [3]
        honest.write(message())
        await until(lambda: len(box.ear.received) == 2)
        box.clock.advance(3900)
        assert _left(box) == [3]
        box.clock.advance(200)
        await until(lambda: box.streams.count == 0)
        for writer in (silent, crumbs, honest):
            await _close(writer)

    _run(scenario)


def _all(box: Box) -> list[tuple[int, object]]:
    return list(box.streams._connections.items())


def test_pings_keep_a_connection() -> None:
    async def scenario(box: Box) -> None:
        reader, writer = await box.phone()
        writer.write(message())
        await until(lambda: box.ear.received)
        for _ in range(3):
            box.clock.advance(3000)
            writer.write(b"\r\n\r\n")
            assert await reader.readexactly(2) == b"\r\n"
        assert box.streams.count == 1
        await _close(writer)

    _run(scenario)


async def _is_let_go(reader: asyncio.StreamReader) -> bool:
    """Wait for the end of this phone's connection."""
    with suppress(ConnectionResetError):
        assert await reader.read() == b""
    return True


def test_a_crowd_makes_room_for_a_newcomer() -> None:
    """Who has not said anything goes first, the oldest of them; those who serve stay."""

    async def scenario(box: Box) -> None:
        phones = [await box.phone() for _ in range(3)]
        await until(lambda: box.streams.count == 3)
        phones[0][1].write(message())
        await until(lambda: box.ear.received)
        phones.append(await box.phone())
        assert await _is_let_go(phones[1][0])
        assert _left(box) == [1, 3, 4]
        assert [hop.connection for hop in box.ear.closed] == [2]
        for _, writer in phones:
            await _close(writer)

    _run(scenario, StreamLimits(connections_per_source=3))
    _run(scenario, StreamLimits(connections=3))


def test_a_crowd_of_which_all_serve_leaves_no_room() -> None:
    async def scenario(box: Box) -> None:
        phones = [await box.phone() for _ in range(2)]
        for _, writer in phones:
            writer.write(message())
        await until(lambda: len(box.ear.received) == 2)
        phones.append(await box.phone())
        assert await _is_let_go(phones[2][0])
        assert _left(box) == [1, 2]
        phones[0][1].close()
        await until(lambda: box.streams.count == 1)
        phones.append(await box.phone())
        await until(lambda: box.streams.count == 2)
        for _, writer in phones:
            await _close(writer)

    _run(scenario, StreamLimits(connections_per_source=2))
    _run(scenario, StreamLimits(connections=2))


def test_pings_do_not_stand_for_a_first_message() -> None:
    async def scenario(box: Box) -> None:
        reader, writer = await box.phone()
        for _ in range(4):
            writer.write(b"\r\n\r\n")
            assert await reader.readexactly(2) == b"\r\n"
            box.clock.advance(4)
        await until(lambda: box.streams.count == 0 or box.clock.advance(4))
        assert box.clock.now() - 1000 <= 20
        await _close(writer)

    _run(scenario)


def test_whoever_is_banned_is_not_even_heard() -> None:
    class Banned:
        def admits_connection(self, host: str, now: float) -> bool:
            return False

        def is_stranger(self, host: str, now: float) -> bool:
            return True

    async def scenario(box: Box) -> None:
        box.streams.room.door = Banned()
        reader, writer = await box.phone()
        assert await _is_let_go(reader)
        assert not box.ear.closed
        await _close(writer)

    _run(scenario)


def test_who_does_not_read_is_let_go() -> None:
    async def scenario(box: Box) -> None:
        _, writer = await box.phone()
        writer.write(message())
        await until(lambda: box.ear.received)
        hop = box.ear.received[0][1]
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        for _ in range(2000):
            box.streams.send(b"x" * 20_000, hop)
            if box.ear.failed:
                break
        assert box.ear.failed[0][0] == hop
        await until(lambda: box.streams.count == 0)
        await _close(writer)

    _run(scenario, StreamLimits(unsent_octets=64 * 1024))


def test_an_address_in_use_is_told_by_its_key() -> None:
    async def scenario(box: Box) -> None:
        with pytest.raises(UserError) as refused:
            await box.streams.listen("127.0.0.1", box.port)
        assert refused.value.key == "net.address_in_use"

    _run(scenario)
