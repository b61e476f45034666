"""drivers/modem_v253/procedures.py: the worked exchanges of the reference, as transcripts.

``>`` host, ``<`` modem; ``~`` marks octets of a stream in hex. The emulated modem's part is played
from the text, so that the very octets are checked.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from drivers.modem_v253 import procedures
from drivers.modem_v253.capability import CapabilityRecord, parse_methods
from drivers.modem_v253.engine import Engine
from tests.drivers.modem_v253.stage import play
from tests.drivers.modem_v253.test_engine import Ear

INCOMING = """
< RING
< DATE = 1122
< TIME = 0930
< NMBR = 4951234567
< NAME = IVANOV
< RING
> AT+FCLASS=8
< OK
> AT+VSM=1,8000,0,0
< OK
> AT+VLS=1
< OK
> AT+VTR
< CONNECT
~< 80 81 10 10
~< 10 62
~> 10 5E
~< 10 03
< OK
> AT+VLS=0
< OK
> AT+FCLASS=0
< OK
"""
HALF_DUPLEX = """
> AT+VTR
< ERROR
> AT+VTX
< CONNECT
~> 80 80
~> 10 03
< OK
> AT+VRX
< CONNECT
~< 10 2F 10 35 10 7E
~> 10 21
~< 10 03
< OK
"""


@dataclass
class Transcript:
    """Plays the modem's lines; what the host writes must stand next in the text."""

    text: str
    ear: Ear = field(default_factory=Ear)

    def __post_init__(self) -> None:
        self.steps = [line.split(" ", 1) for line in self.text.strip().splitlines()]
        self.engine = Engine(self._written, self.ear)
        self.raw = b""

    def _written(self, octets: bytes) -> None:
        mark, what = self.steps.pop(0)
        wanted = bytes.fromhex(what) if mark == "~>" else what.encode() + b"\r"
        assert (mark[-1], octets) == (">", wanted), f"{mark} {what}"
        asyncio.get_running_loop().call_later(0.05, self.speak)

    def speak(self) -> None:
        while self.steps and self.steps[0][0] in ("<", "~<"):
            mark, what = self.steps.pop(0)
            is_raw = mark == "~<"
            octets = bytes.fromhex(what) if is_raw else f"\r\n{what}\r\n".encode()
            self.raw += octets if is_raw else b""
            self.engine.feed(octets)


def test_the_incoming_call_of_the_reference() -> None:
    record = CapabilityRecord(
        True,
        parse_methods(('1,"UNSIGNED PCM",8,0,8000,0,0',)),
        sources=(0, 1),
        voice_lines=("AT+FCLASS=8", "AT+VSM=1,8000,0,0"),
    )

    async def scene() -> None:
        t = Transcript(INCOMING)
        t.speak()
        assert t.ear.heard[0] == "RING" and t.ear.heard[3] == "NMBR = 4951234567"
        await procedures.prepare_voice(t.engine, record)
        await procedures.lift(t.engine, record)
        assert await procedures.begin_stream(t.engine, "AT+VTR")
        await asyncio.sleep(0)
        assert t.engine.take_unread() == b"\x80\x81\x10\x10\x10b"
        t.engine.drain_stream(b"")
        assert not await procedures.end_stream(t.engine, "AT+VTR", False)
        await procedures.hang_up(t.engine)
        assert t.steps == []

    play(scene)


def test_the_half_duplex_device_of_the_reference() -> None:
    async def scene() -> None:
        t = Transcript(HALF_DUPLEX)
        assert not await procedures.begin_stream(t.engine, "AT+VTR")
        assert await procedures.begin_stream(t.engine, "AT+VTX")
        t._written(b"\x80\x80")
        t.engine.drain_stream(b"")
        await procedures.end_stream(t.engine, "AT+VTX", False)
        assert await procedures.begin_stream(t.engine, "AT+VRX")
        assert t.engine.take_unread() == b"\x10/\x105\x10~"
        t.engine.drain_stream(b"")
        await procedures.end_stream(t.engine, "AT+VRX", False)
        assert t.steps == []

    play(scene)


@pytest.mark.parametrize(
    ("sources", "asked"), [((0, 1, 5), ["AT+VLS=1", "AT+VLS=5"]), ((0, 5), ["AT+VLS=5"])]
)
def test_off_hook_by_the_label_that_the_modem_has(
    sources: tuple[int, ...], asked: list[str]
) -> None:
    async def scene() -> None:
        text = "\n".join(f"> {command}\n< ERROR" for command in asked)
        t = Transcript(text.removesuffix("ERROR") + "VCON")
        await procedures.lift(t.engine, CapabilityRecord(True, sources=sources))
        assert t.steps == []

    play(scene)
