"""The emulated modem is what it says: pace, shielding, echo, tones, and an exchange that hears."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
from typing import Any

import pytest

from tests.kit.v253_audio import ALAW, FORMATS, KEYS, Sound, key_samples, level_at, level_dbm0
from tests.kit.v253_line import EXCHANGES, FarState
from tests.kit.v253_machine import Machine, packet
from tests.kit.v253_models import MODELS


class Host:
    """Types at a modem and hears it; time is an argument."""

    def __init__(self, model: str = "cx93010", country: str = "ru", **quirks: Any) -> None:
        made = dataclasses.replace(MODELS[model], **quirks)
        self.machine = Machine(made, country, contextlib.nullcontext())
        self.line = self.machine.line
        self.now = 0.0

    def wait(self, seconds: float, feed: bytes = b"") -> bytes:
        """What came meanwhile. feed: the octet that a host would go on sending."""
        heard, until = bytearray(), self.now + seconds
        while self.now < until - 1e-9:
            self.now = min(until, self.now + 0.01)
            if feed:
                self.machine.receive(feed * 80)
            self.machine.advance(self.now)
            heard += self.machine.out
            self.machine.out.clear()
        return bytes(heard)

    def say(self, command: str) -> str:
        self.machine.receive(command.encode() + b"\r")
        return self.wait(0.4).decode("latin-1")

    def go_off_hook(self) -> None:
        for command in ("ATE0", "AT+FCLASS=8", "AT+VSM=132,8000,0,0", "AT+VLS=1"):
            assert "OK" in self.say(command)

    def stream(self) -> None:
        self.go_off_hook()
        self.wait(0.5)
        assert "CONNECT" in self.say("AT+VTR")

    def samples(self, seconds: float, feed: bytes = b"\xd5") -> list[int]:
        return ALAW.to_samples(self.wait(seconds, feed).replace(b"\x10\x10", b"\x10"))

    def dial(self, digits: str) -> None:
        for digit in digits:
            self.machine.receive(
                ALAW.to_octets(key_samples(digit, 90)).replace(b"\x10", b"\x10" * 2)
            )
            self.wait(0.09)
            self.machine.receive(b"\xd5" * 720)
            self.wait(0.09)


def test_commands_and_their_echo() -> None:
    host = Host()
    assert host.say("AT") == "AT\r\r\nOK\r\n"
    assert host.say("ATE0V1Q0X4M0") == "ATE0V1Q0X4M0\r\r\nOK\r\n"
    assert host.say("AT+FCLASS=?") == "\r\n0,1,1.0,2,8\r\n\r\nOK\r\n"
    assert host.say("AT+VCID=1;+VIT=0;+FCLASS=8") == "\r\nOK\r\n"
    assert host.say("AT+NONSENSE=1") == "\r\nERROR\r\n"
    assert host.say("AT+VTR") == "\r\nERROR\r\n", "no line is selected"
    assert "56000" in host.say("ATI0")


def test_replies_take_their_time_and_two_commands_at_once_are_a_violation() -> None:
    host = Host(reply_ms=(200, 200))
    host.machine.receive(b"AT\r")
    assert host.wait(0.18) == b"AT\r"
    host.machine.receive(b"ATH\r")
    host.wait(1.0)
    assert host.machine.violations == ["'ATH' while a command was being carried out"]


@pytest.mark.parametrize("ppm", [0.0, 200.0, -200.0])
def test_eight_thousand_octets_a_second_by_its_own_clock(ppm: float) -> None:
    host = Host(clock_ppm=ppm)
    host.stream()
    host.line.play_to_us("silence")
    host.wait(0.01)
    host.machine.receive(b"\xd5" * 240)
    assert len(host.wait(20.0, b"\xd5")) == pytest.approx(160_000 * (1 + ppm / 1e6), abs=90)
    assert host.machine.stream is not None and host.machine.stream.underruns == 0


def test_silence_of_the_host_is_an_underrun_told_once() -> None:
    host = Host()
    host.stream()
    host.wait(0.2, b"\xd5")
    assert host.wait(1.0).count(b"\x10u") == 1


def test_its_buffer_is_small_and_says_when_there_is_no_room() -> None:
    host = Host()
    host.stream()
    stream = host.machine.stream
    assert stream is not None and stream.room == 1024
    host.machine.receive(b"\xd5" * 1000)
    assert stream.room == 24


@pytest.mark.parametrize(("echo_db", "echo_ms"), [(6.0, 40.0), (12.0, 80.0), (20.0, 120.0)])
def test_the_hybrid_gives_back_what_we_say(echo_db: float, echo_ms: float) -> None:
    host = Host(echo_db=echo_db, echo_ms=echo_ms)
    host.stream()
    host.line.play_to_us("silence")
    host.samples(0.5)
    stream = host.machine.stream
    assert stream is not None
    waiting = len(stream.buffer)
    said = key_samples("5", 400, -10.0)
    host.machine.receive(ALAW.to_octets(said).replace(b"\x10", b"\x10\x10"))
    heard = host.samples(0.8, b"")
    loud = [abs(sample) > 200 for sample in heard]
    assert (loud.index(True) - waiting) / 8 == pytest.approx(echo_ms, abs=12)
    at = loud.index(True) + 400
    assert level_dbm0(heard[at : at + 1600]) == pytest.approx(level_dbm0(said) - echo_db, abs=1.0)


@pytest.mark.parametrize("country", sorted(EXCHANGES))
def test_busy_of_eight_exchanges(country: str) -> None:
    host = Host(country=country)
    host.stream()
    host.line.play_to_us("busy")
    sound = EXCHANGES[country].busy
    heard = host.samples(4.0)
    levels = [level_dbm0(heard[at : at + 80]) > -30 for at in range(0, len(heard), 80)]
    changes = [at for at in range(1, len(levels)) if levels[at] != levels[at - 1]]
    lengths = [(b - a) * 10 for a, b in itertools.pairwise(changes)]
    for length in lengths:
        assert min(abs(length - part) for part in sound.pattern_ms) <= 20
    for frequency in sound.frequencies_hz:
        assert level_at(heard, frequency) > -17.0


def test_an_exchange_that_understands_keys_and_a_far_end_that_answers() -> None:
    host = Host()
    host.line.known_numbers.add("84951234567")
    host.stream()
    host.dial("84951234567")
    assert host.line.dialled == "84951234567"
    heard = host.samples(1.2)
    assert host.line.far_end.state is FarState.CALLED
    assert level_at(heard[-3000:], 425.0) > -15.0, "ringing tone"
    host.line.far_end.answer()
    host.line.far_end.speaks(Sound((1000.0,), (), -10.0))
    assert level_at(host.samples(1.0)[-4000:], 1000.0) == pytest.approx(-16.0, abs=1.5)
    host.machine.receive(ALAW.to_octets(key_samples("1", 300)).replace(b"\x10", b"\x10\x10"))
    host.wait(0.3)
    assert level_at(host.line.far_end.hears(0.2), 697.0) > -12.0
    host.line.far_end.hang_up()
    assert b"\x10b" in host.wait(4.0, b"\xd5"), "the chip's own detector"


@pytest.mark.parametrize("key", "".join(KEYS))
def test_every_key_is_understood_once(key: str) -> None:
    host = Host()
    host.stream()
    host.dial(key + key)
    assert host.line.dialled == key * 2


@pytest.mark.parametrize(("plan", "tone"), [("busy", "busy"), ("congestion", "congestion")])
def test_far_ends_with_a_plan(plan: str, tone: str) -> None:
    host = Host()
    host.line.known_numbers.add("123")
    host.line.far_end.plan = plan
    host.stream()
    host.dial("123")
    host.wait(1.0)
    assert host.line.tone_now == tone


def test_a_loop_that_opens_is_silent_and_told() -> None:
    host = Host()
    host.machine.ring()
    host.wait(0.1)
    host.go_off_hook()
    host.say("AT+VTR")
    host.line.far_end.speaks(Sound((1000.0,)), repeats=True)
    host.samples(0.5)
    host.line.far_end.hang_up("loop")
    heard = host.wait(0.4, b"\xd5")
    assert b"\x10l" in heard
    assert level_dbm0(ALAW.to_samples(heard[800:].replace(b"\x10\x10", b"\x10"))) < -40


@pytest.mark.parametrize(
    ("model", "lines"),
    [
        ("cx93010", ["DATE = 1122", "TIME = 0930", "NMBR = 4951234567", "NAME = IVANOV"]),
        ("usr5637", ["DATE=1122", "TIME=0930", "NMBR=4951234567", "NAME=IVANOV"]),
    ],
)
def test_rings_and_caller_id(model: str, lines: list[str]) -> None:
    host = Host(model)
    host.say("ATE0")
    host.say("AT+VCID=1")
    host.machine.ring("4951234567", "IVANOV")
    heard = [line for line in host.wait(6.0).decode().split("\r\n") if line]
    assert heard == ["RING", *lines, "RING"]
    host.line.stop_ringing()
    assert host.wait(6.0) == b""


def test_the_packet_of_the_reference() -> None:
    wanted = "801E01083131323230393330020A343935313233343536370706 4956414E4F56CD"
    assert packet("4951234567", "IVANOV", "11220930") == bytes.fromhex(wanted)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_formats_go_there_and_back(form: Any) -> None:
    assert form.to_octets([0])[0] in (form.silence, form.silence ^ 1)
    for octet in range(256):
        value = form.decode[octet]
        assert form.decode[form.to_octets([value])[0]] == pytest.approx(value, abs=16)


def test_a_stream_ends_by_its_own_code_only() -> None:
    host = Host(needs_tripled_dle=True)
    host.stream()
    host.machine.receive(b"\x10\x03\x10!\x10^")
    assert host.machine.stream is not None
    host.machine.receive(b"\x10\x10\x10^")
    assert host.wait(0.1).endswith(b"\x10\x03\r\nOK\r\n")
