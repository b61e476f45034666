"""The loop that calls attended sockets where it waits, and is asyncio's for everything else."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import selectors
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from appliance.clock import LoopClock
from appliance.net.direct_loop import DirectLoop, attend, dismiss, hang_bell
from appliance.net.direct_selector import DirectSelector
from tests.kit.virtual_loop import elapse
from tests.net.kit import until

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for sock in (ours, theirs):
        sock.setblocking(False)
    yield ours, theirs
    ours.close()
    theirs.close()


def run(play: Callable[[asyncio.AbstractEventLoop], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(10):
            await play(asyncio.get_running_loop())

    with asyncio.Runner(loop_factory=DirectLoop) as runner:
        runner.run(whole())


async def rounds(count: int = 5) -> None:
    """Let the loop wait a few times."""
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("factory", [DirectLoop, asyncio.SelectorEventLoop])
def test_what_is_attended_to_is_called_until_it_is_dismissed(
    pair: Pair, factory: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    ours, theirs = pair
    heard: list[bytes] = []

    async def whole() -> None:
        loop = asyncio.get_running_loop()
        attend(loop, ours.fileno(), lambda: heard.append(ours.recv(100)))
        theirs.send(b"one")
        theirs.send(b"two")
        await rounds()
        dismiss(loop, ours.fileno())
        theirs.send(b"three")
        await rounds()

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(whole())
    assert heard == [b"one", b"two"]


def test_one_descriptor_may_be_attended_to_and_waited_for_as_writable(pair: Pair) -> None:
    """As the SIP socket is, when the kernel has no room for a datagram."""
    ours, theirs = pair
    heard: list[str] = []

    async def play(loop: asyncio.AbstractEventLoop) -> None:
        attend(loop, ours.fileno(), lambda: heard.append(ours.recv(100).decode()))
        loop.add_writer(ours, lambda: heard.append("room"))
        await until(lambda: heard)
        loop.remove_writer(ours)
        assert set(heard) == {"room"}
        theirs.send(b"still heard")
        await rounds()
        assert heard[-1] == "still heard" and heard.count("still heard") == 1
        dismiss(loop, ours.fileno())
        loop.add_reader(ours, lambda: heard.append("by asyncio " + ours.recv(100).decode()))
        theirs.send(b"now")
        await rounds()
        loop.remove_reader(ours)
        assert heard[-1] == "by asyncio now"

    run(play)


def test_what_breaks_is_told_and_the_loop_goes_on(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    ours, theirs = pair

    def breaks() -> None:
        ours.recv(100)
        raise ValueError("a defect")

    async def play(loop: asyncio.AbstractEventLoop) -> None:
        attend(loop, ours.fileno(), breaks)
        theirs.send(b"x")
        await rounds()
        dismiss(loop, ours.fileno())

    with caplog.at_level(logging.ERROR):
        run(play)
    assert "a defect" in caplog.text


def test_bells_ring_when_they_are_due_beside_asyncio_s_own_timers() -> None:
    rung: dict[str, float] = {}

    async def play(loop: asyncio.AbstractEventLoop) -> None:
        late = hang_bell(loop, lambda: rung.setdefault("late", loop.time()))
        soon = hang_bell(loop, lambda: rung.setdefault("soon", loop.time()))
        assert late is not None and soon is not None
        began = loop.time()
        late.at, soon.at = began + 0.06, began + 900.0
        soon.at = began + 0.02
        loop.call_later(0.04, lambda: rung.setdefault("asyncio's", loop.time()))
        await until(lambda: len(rung) == 3)
        due = {"soon": 0.02, "asyncio's": 0.04, "late": 0.06}
        assert all(rung[name] >= began + delay_s for name, delay_s in due.items())

    run(play)


def test_a_bell_may_set_itself_anew_and_what_it_breaks_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rung: list[float] = []

    async def play(loop: asyncio.AbstractEventLoop) -> None:
        done = asyncio.Event()

        def ring() -> None:
            rung.append(loop.time())
            bell.at = loop.time() + 0.005
            if len(rung) == 3:
                bell.at = math.inf
                done.set()
            raise ValueError("a defect")

        bell = made = hang_bell(loop, ring)
        assert made is not None
        bell.at = loop.time()
        await asyncio.wait_for(done.wait(), 5)
        await rounds()

    with caplog.at_level(logging.ERROR):
        run(play)
    assert len(rung) == 3
    assert caplog.text.count("ValueError: a defect") == 3


def test_the_clock_asks_asyncio_for_no_alarm() -> None:
    asked: list[float] = []

    async def play(loop: asyncio.AbstractEventLoop) -> None:
        clock, done = LoopClock(loop), asyncio.Event()
        set_alarm = loop.call_at

        def call_at(when: float, *arguments: Any, **more: Any) -> asyncio.TimerHandle:
            asked.append(when)
            return set_alarm(when, *arguments, **more)

        waits = asyncio.ensure_future(asyncio.wait_for(done.wait(), 5))
        await rounds()
        loop.call_at = call_at  # type: ignore[method-assign]
        clock.call_later(0.02, done.set)
        clock.call_later(0.01, lambda: None)
        await waits

    run(play)
    assert not asked


def test_everything_of_asyncio_goes_on_streams_processes_threads_signals() -> None:
    async def play(loop: asyncio.AbstractEventLoop) -> None:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readexactly(300_000))
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"z" * 300_000)
        assert len(await reader.readexactly(300_000)) == 300_000
        writer.close()
        await writer.wait_closed()
        server.close()
        process = await asyncio.create_subprocess_exec("true")
        assert await process.wait() == 0
        assert await loop.run_in_executor(None, os.getpid) == os.getpid()
        caught = asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, caught.set)
        os.kill(os.getpid(), signal.SIGUSR1)
        await caught.wait()
        loop.remove_signal_handler(signal.SIGUSR1)

    run(play)


def test_a_selector_as_asyncio_knows_it(pair: Pair) -> None:
    ours, theirs = pair
    selector = DirectSelector()
    key = selector.register(ours, 1, "data")
    assert selector.get_key(ours.fileno()) is key and selector.get_map()[ours.fileno()] is key
    with pytest.raises(KeyError):
        selector.register(ours, 1)
    assert selector.select(0) == [] and selector.select(-1) == []
    theirs.send(b"x")
    assert selector.select(None) == [(key, 1)]
    changed = selector.modify(ours, 3, "more")
    assert selector.select(0) == [(changed, 3)]
    selector.unregister(ours)
    with pytest.raises(KeyError):
        selector.get_key(ours)
    assert selector.select(0.01) == []
    selector.close()


def test_what_has_a_descriptor_is_found_among_the_keys(pair: Pair) -> None:
    """As selectors.BaseSelector.get_map promises; asyncio of Python 3.14 looks for sockets there,
    and one that it does not find is waited for as writable for good."""
    ours, theirs = pair
    selector = DirectSelector()
    key = selector.register(ours, selectors.EVENT_WRITE)
    found = selector.get_map()
    assert found.get(ours) is found[ours.fileno()] is key
    assert theirs not in found and list(found) == [ours.fileno()] and len(found) == 1
    selector.close()


def test_a_bell_of_next_year_does_not_end_the_loop() -> None:
    """epoll counts milliseconds by an int: some weeks."""
    loop = DirectLoop()
    rung: list[str] = []

    async def main() -> None:
        clock = LoopClock(loop)
        clock.call_later(400 * 86_400.0, lambda: rung.append("next year"))
        clock.call_later(0.01, lambda: rung.append("now"))
        await loop.run_in_executor(None, lambda: None)
        while not rung:
            await elapse(0.01)

    try:
        loop.run_until_complete(main())
    finally:
        loop.close()
    assert rung == ["now"]
