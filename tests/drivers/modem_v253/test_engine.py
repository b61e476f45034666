"""drivers/modem_v253/engine.py in virtual time: one command in flight, news at any moment."""

from __future__ import annotations

import asyncio
import random

import pytest

from drivers.api import LineError
from drivers.modem_v253.engine import Engine
from tests.drivers.modem_v253.stage import now, pause, play


class Ear:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def ring_told(self) -> None:
        self.heard.append("RING")

    def caller_line_told(self, line: str) -> None:
        self.heard.append(line)

    def code_told(self, octet: int) -> None:
        self.heard.append(f"DLE {chr(octet)}")


class Scene:
    """An engine; what it writes, and what its listener hears."""

    def __init__(self) -> None:
        self.ear, self.written = Ear(), bytearray()
        self.engine = Engine(self.written.extend, self.ear)

    def later(self, delay_s: float, octets: bytes) -> None:
        asyncio.get_running_loop().call_later(delay_s, self.engine.feed, octets)


def test_a_reply_with_information() -> None:
    async def scene() -> None:
        s = Scene()
        s.later(0.1, b"AT+GMI\r\r\nCONEXANT\r\n\r\nOK\r\n")
        reply = await s.engine.command("AT+GMI")
        assert (reply.result, reply.lines) == ("OK", ("CONEXANT",))
        assert s.written == b"AT+GMI\r"

    play(scene)


@pytest.mark.parametrize("seed", range(10))
def test_news_glued_to_replies_is_told_and_no_part_of_them(seed: int) -> None:
    async def scene() -> None:
        s, chance = Scene(), random.Random(seed)
        whole = (
            b"\r\nRING\r\n\r\n0,1,8\r\n\r\nNMBR = 495\r\n\x10R"
            b"\r\nOK\r\n\r\nNAME = X\r\n\r\nRING\r\n"
        )
        at = 0
        while at < len(whole):
            size = chance.randint(1, 9)
            s.later(0.01 + at / 1000, whole[at : at + size])
            at += size
        reply = await s.engine.command("AT+FCLASS=?")
        await pause(0.2)
        assert reply.lines == ("0,1,8",)
        assert s.ear.heard == ["RING", "NMBR = 495", "DLE R", "NAME = X", "RING"]

    play(scene)


def test_a_command_has_its_time_and_a_late_reply_is_nobodys() -> None:
    async def scene() -> None:
        s = Scene()
        begun = now()
        s.later(2.0, b"\r\nOK\r\n")
        with pytest.raises(LineError) as caught:
            await s.engine.command("AT", 1.5)
        assert caught.value.key == "line.timeout" and now() - begun == pytest.approx(1.5)
        await pause(1.0)
        s.later(0.1, b"\r\nERROR\r\n")
        assert (await s.engine.command("AT+X")).result == "ERROR"
        assert s.engine.timeouts == 1

    play(scene)


def test_only_one_command_at_a_time() -> None:
    async def scene() -> None:
        s = Scene()
        first = asyncio.ensure_future(s.engine.command("AT"))
        await pause(0.01)
        with pytest.raises(LineError):
            await s.engine.command("ATH")
        s.engine.feed(b"\r\nOK\r\n")
        await first
        assert s.written == b"AT\r"

    play(scene)


def test_connect_stops_the_reading_at_once() -> None:
    async def scene() -> None:
        s = Scene()
        s.later(0.1, b"\r\nCONNECT\r\n\x80\x81")
        s.later(0.1, b"\r\nRING\r\n\x10b")
        assert (await s.engine.command("AT+VTR")).result == "CONNECT"
        assert s.engine.take_unread() == b"\x80\x81\r\nRING\r\n\x10b"
        assert s.ear.heard == [], "that is audio"
        with pytest.raises(LineError):
            await s.engine.command("ATH")

    play(scene)


def test_the_end_of_a_stream_takes_codes_and_throws_audio_away() -> None:
    async def scene() -> None:
        s = Scene()
        s.later(0.1, b"\r\nCONNECT\r\n")
        await s.engine.command("AT+VTR")
        s.engine.drain_stream(b"\x80\x10")
        s.later(0.1, b"b\x80\x80\x10\x03\r\nOK\r\n")
        assert await s.engine.wait_for_stream_end(b"\x10^", 0.3)
        begun = now()
        await s.engine.settle(0.3)
        assert now() == begun, "the OK had come"
        assert s.ear.heard == ["DLE b"]
        s.later(0.1, b"\r\nOK\r\n")
        assert (await s.engine.command("ATH")).result == "OK"

    play(scene)


def test_a_modem_that_is_lost_fails_what_is_in_flight() -> None:
    async def scene() -> None:
        s = Scene()
        asyncio.get_running_loop().call_later(0.1, s.engine.fail, LineError("line.lost"))
        with pytest.raises(LineError) as caught:
            await s.engine.command("AT")
        assert caught.value.key == "line.lost"

    play(scene)


@pytest.mark.parametrize(
    ("said", "is_well"),
    [(b"\r\nOK\r\n", True), (b"AT\r\r\nOK\r\n", True), (b"\x80" * 500, False), (b"ERROR", False)],
)
def test_whether_it_answers(said: bytes, is_well: bool) -> None:
    async def scene() -> None:
        s = Scene()
        s.engine.feed(b"\x80\x10")
        s.later(0.1, b"\r\nOK\r\n")  # of before: not an answer to AT
        s.later(0.4, said)
        assert await s.engine.answers(b"\x10^", 0.2, 0.4) is is_well
        assert s.written == b"\x10^\rAT\r"

    play(scene)


def test_who_is_cancelled_as_the_answer_comes_is_cancelled() -> None:
    async def scene() -> None:
        s = Scene()
        s.later(0.5, b"OK\r\n")
        await s.engine.wait_for_stream_end(b"", 0.1)
        for work, answer in (
            (s.engine.command("AT"), b"\r\nOK\r\n"),
            (s.engine.wait_for_stream_end(b"", 1.0), b"\x10\x03"),
            (s.engine.settle(1.0), b"\r\nOK\r\n"),
        ):
            task = asyncio.ensure_future(work)
            await pause(0.01)
            s.engine.feed(answer)
            task.cancel()
            await asyncio.wait({task})
            assert task.cancelled()
            s.engine.drain_stream(b"")
            s.engine.stream_over()

    play(scene)
