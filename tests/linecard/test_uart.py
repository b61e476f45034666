"""Tests of drivers/linecard/uart.py: when a block is left out, and what a block is answered with
(its thread: test_device.py)."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from drivers.linecard.frame import Frame, FrameReader, FrameType, encode_frame
from drivers.linecard.messages import BLOCK, AudioUp
from drivers.linecard.session import CardSession, Opened
from drivers.linecard.uart import CardThread, DepthWatch
from drivers.serial_line import set_raw
from tests.kit.virtual_loop import until


def left_out(depths: tuple[int, ...], frames: int = 500) -> list[int]:
    """At which frames of these depths, over and over."""
    watch = DepthWatch()
    turns = itertools.islice(itertools.cycle(depths), frames)
    return [number for number, depth in enumerate(turns, 1) if watch.is_late(depth)]


def test_a_block_too_much_for_a_second_is_left_out() -> None:
    assert left_out((2,)) == [100, 200, 300, 400, 500]


@pytest.mark.parametrize("depths", [(0,), (1,), (2, 1), (2,) * 99 + (1,)])
def test_what_comes_and_goes_is_not(depths: tuple[int, ...]) -> None:
    assert left_out(depths) == []


def test_a_full_queue_is_not_waited_for() -> None:
    assert left_out((1, 1, 3), 6) == [3, 6]


class Turns(CardSession):
    """A session that notes what audio goes down: which ports, and their first octets."""

    def __init__(self) -> None:
        super().__init__(1, 0, 0.0)
        self.down: list[dict[int, int]] = []

    def send_audio(self, samples: int, blocks: dict[int, bytes], now: float) -> None:
        self.down.append({port: block[0] for port, block in blocks.items()})


@contextmanager
def thread_of(session: CardSession, ports: int) -> Iterator[tuple[CardThread, list[socket.socket]]]:
    """A thread that was not started, with so many ports' audio open; the core's ends."""
    reader, writer = os.pipe()
    os.close(writer)
    thread = CardThread(reader, session, lambda event: None, lambda: None)
    ends = [socket.socket(fileno=os.dup(thread.open_audio(port))) for port in range(ports)]
    try:
        yield thread, ends
    finally:
        for end in ends:
            end.close()
        thread.stop()


def answer(end: socket.socket, octet: int) -> None:
    """The core: a block comes, a block goes."""
    end.setblocking(True)
    assert len(end.recv(BLOCK)) == BLOCK
    end.send(bytes((octet,)) * BLOCK)


def test_the_queues_of_more_than_four_ports_are_watched_each_by_itself() -> None:
    """Ports 4 and 5 always have a block too much; 0 to 3 have not."""

    async def scene() -> None:
        session = Turns()
        with thread_of(session, 6) as (thread, ends):
            for turn in range(150):
                for ports, depth in ((range(4), 1), (range(4, 6), 2)):
                    for port in ports:
                        ends[port].send(b"\1" * BLOCK)  # the core is quick
                    blocks = dict.fromkeys(ports, b"\2" * BLOCK)
                    thread._move_audio(AudioUp(turn, depth, blocks))
        left_out = {port: 150 - sum(port in down for down in session.down) for port in range(6)}
        assert left_out == {0: 0, 1: 0, 2: 0, 3: 0, 4: 1, 5: 1}

    asyncio.run(scene())


def test_a_block_is_answered_in_its_own_turn() -> None:
    async def scene() -> None:
        session = Turns()
        with thread_of(session, 1) as (thread, [end]):
            for turn in range(20):
                core = threading.Thread(target=answer, args=(end, turn))
                core.start()
                thread._move_audio(AudioUp(turn, 1, {0: bytes(BLOCK)}))
                core.join()
            late = thread.missing
        said = [down[0] for down in session.down]
        assert said == sorted(set(said)) and len(said) >= 20 - late, "each once and in order"
        assert late < 10, "a busy machine may miss some"

    asyncio.run(scene())


def test_what_is_answered_late_is_said_with_the_next_and_left_out_once_all_is_calm() -> None:
    async def scene() -> None:
        session = Turns()
        with thread_of(session, 1) as (thread, [end]):
            thread._move_audio(AudioUp(0, 0, {0: bytes(BLOCK)}))
            assert session.down == [] and thread.missing == 1
            answer(end, 7)
            end.send(b"\10" * BLOCK)
            thread._move_audio(AudioUp(1, 0, {0: bytes(BLOCK)}))
            assert [down[0] for down in session.down] == [7, 8]
            for turn in range(1100):
                end.send(b"\11" * BLOCK)
                thread._move_audio(AudioUp(turn, 2, {0: bytes(BLOCK)}))
                if turn == 900:
                    assert thread.skipped == 0
            assert thread.skipped in (1, 2) and thread.missing == 1

    asyncio.run(scene())


def test_a_call_that_ends_in_the_middle_of_a_turn_costs_the_card_nothing() -> None:
    """Its port's audio is closed by the loop while the thread waits for its neighbour's."""

    async def scene() -> None:
        session = Turns()
        with thread_of(session, 2) as (thread, [first, _]):

            def end_the_other() -> None:
                first.setblocking(True)
                first.recv(BLOCK)
                thread.close_audio(1)
                first.send(b"\3" * BLOCK)

            core = threading.Thread(target=end_the_other)
            core.start()
            thread._move_audio(AudioUp(0, 1, {0: bytes(BLOCK), 1: bytes(BLOCK)}))
            core.join()
            first.send(b"\4" * BLOCK)
            thread._move_audio(AudioUp(1, 1, {0: bytes(BLOCK)}))
        assert session.down and all(set(down) == {0} for down in session.down)

    asyncio.run(scene())


def test_a_thread_that_does_not_come_back_keeps_its_descriptor_until_it_does() -> None:
    """A UART that takes nothing holds it up; the number could be another file's by then."""
    goes_on = threading.Event()

    class Stuck(CardSession):
        def handle_timeout(self, now: float) -> None:
            goes_on.wait()

    async def scene() -> None:
        ours, theirs = socket.socketpair()
        thread = CardThread(ours.detach(), Stuck(1, 0, 0.0), lambda event: None, lambda: None)
        thread.start()
        theirs.setblocking(False)
        thread.stop()
        with pytest.raises(BlockingIOError):
            theirs.recv(1)
        goes_on.set()
        thread._thread.join(5)
        assert theirs.recv(64), "its goodbye"
        assert theirs.recv(64) == b""
        theirs.close()

    asyncio.run(scene())


def test_a_card_of_a_rate_that_we_do_not_have_is_used_at_the_first_rate() -> None:
    """250000 baud is some UART's best, and no tty's of ours."""
    master, slave = os.openpty()
    set_raw(slave, 115200)

    def be_the_card() -> None:
        """It goes to its rate and hears nothing more there, then is back."""
        reader, has_switched = FrameReader(), False
        while True:
            for frame in reader.feed(os.read(master, 4096)):
                if frame.type != FrameType.HELLO:
                    continue
                _, _, session, wanted = struct.unpack("!BBII", frame.payload)
                if wanted and has_switched:
                    continue
                has_switched = has_switched or wanted > 0
                baud = 250000 if wanted else 0
                answer = struct.pack("!IBBIBBHBBB", session, 1, 4, baud, 1, 1, 0, 1, 0, 0)
                os.write(master, encode_frame(Frame(FrameType.HELLO_ACK, 0, 0, answer)))
                if not wanted:
                    return

    async def scene() -> None:
        told: list[object] = []
        session = CardSession(7, 921600, time.monotonic())
        thread = CardThread(slave, session, told.append, lambda: told.append("lost"))
        card = threading.Thread(target=be_the_card, daemon=True)
        card.start()
        thread.start()
        try:
            await until(lambda: told, 10)
        finally:
            thread.stop()
            os.close(master)
        assert [type(event) for event in told] == [Opened]

    asyncio.run(scene())
