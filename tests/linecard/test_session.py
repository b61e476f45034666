"""Tests of drivers/linecard/session.py against the reference card's core, in virtual time.

Greeting, baud rate, commands, events over a noisy wire, silence, fuzz; the card's side with it.
"""

from __future__ import annotations

import math
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import pytest

from drivers.country import country_profile
from drivers.linecard.frame import Frame, FrameType, encode_frame
from drivers.linecard.messages import (
    AudioUp,
    CardEvent,
    CardStatistics,
    Command,
    Happening,
    Status,
    encode_audio,
    encode_country,
    encode_ms,
    encode_pulses,
    encode_ring,
)
from drivers.linecard.session import (
    BaudWanted,
    CardSession,
    Closed,
    Opened,
    Responded,
    SessionEvent,
    State,
)
from tests.kit.line_card import CardCore, fuzzer

STEP = 0.001


class Noise:
    """Flips bits at a rate, by a seed."""

    def __init__(self, rate: float, seed: int) -> None:
        self._random = Random(seed)
        self._rate = rate
        self.flipped = 0
        self._left = self._next()

    def _next(self) -> float:
        if not self._rate:
            return math.inf
        return math.log(self._random.random()) / math.log1p(-self._rate)

    def __call__(self, octets: bytes) -> bytes:
        bits = 8 * len(octets)
        if self._left >= bits:
            self._left -= bits
            return octets
        damaged = bytearray(octets)
        while self._left < bits:
            damaged[int(self._left) // 8] ^= 1 << int(self._left) % 8
            self.flipped += 1
            self._left += 1 + self._next()
        self._left -= bits
        return bytes(damaged)


class Wire:
    """A host and a card, a millisecond at a time. is_cut: nothing arrives, either way."""

    def __init__(self, kinds: str, *, noise: float = 0.0, baud: int = 0, seed: int = 1) -> None:
        self.now = 100.0
        self.card = CardCore(kinds, self.now, best_baud=baud)
        self.session = CardSession(77, baud, self.now)
        self.noise = Noise(noise, seed)
        self.events: list[SessionEvent] = []
        self.host_baud = 115200
        self.is_cut = False
        self.limit_baud = 0  # a wire that carries nothing faster
        self.echoes = False  # the host says what it hears
        self._audio_at = self.now
        self._card_baud = 115200
        self._answered = b""

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP)):
            self.step()

    def step(self) -> None:
        self.now += STEP
        self.card.tick(self.now)
        if self.now >= self._audio_at:
            self._audio_at += 0.01
            self.card.audio(self.now)
        self._carry_up()
        if self.now >= self.session.next_timeout():
            self.session.handle_timeout(self.now)
        self._take_events()
        down = self.session.octets_to_send()
        if self._carries(self.card.baud):
            self.card.receive(self.noise(down), self.now)
            self._answered = self.card.take()  # leaves at the rate that was

    def _carry_up(self) -> None:
        octets = self._answered + self.card.take()
        if octets and self._carries(self._card_baud):
            self.session.receive(self.noise(octets), self.now)
        self._card_baud, self._answered = self.card.baud, b""

    def _carries(self, card_baud: int) -> bool:
        is_fast = bool(self.limit_baud) and self.host_baud > self.limit_baud
        return not self.is_cut and not is_fast and self.host_baud == card_baud

    def _take_events(self) -> None:
        while event := self.session.next_event():
            if isinstance(event, AudioUp) and self.echoes:
                self.session.send_audio(event.samples, event.blocks, self.now)
            if isinstance(event, BaudWanted):
                self.host_baud = event.baud
            if not isinstance(event, AudioUp):
                self.events.append(event)

    def order(self, port: int, payload: bytes) -> Responded:
        """A command and its answer."""
        ticket = self.session.command(port, payload, self.now)
        for _ in range(3000):
            self.step()
            for event in self.told(Responded):
                if isinstance(event, Responded) and event.ticket == ticket:
                    return event
        raise AssertionError("no answer")

    def told(self, kind: type[SessionEvent]) -> list[SessionEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def happened(self, code: CardEvent) -> list[Happening]:
        return [e for e in self.events if isinstance(e, Happening) and e.code == code]


@contextmanager
def wire(kinds: str = "sso", **options: float) -> Iterator[Wire]:
    made = Wire(kinds, **options)  # type: ignore[arg-type]
    try:
        yield made
    finally:
        made.card.close()


@contextmanager
def open_wire(kinds: str = "sso", **options: float) -> Iterator[Wire]:
    with wire(kinds, **options) as made:
        made.run(0.5)
        assert made.session.state is State.UP
        yield made


def test_a_card_says_what_it_has() -> None:
    with open_wire("sso") as w:
        [opened] = w.told(Opened)
        assert isinstance(opened, Opened)
        answer = opened.answer
        assert [port.kind.value for port in answer.ports] == ["fxs", "fxs", "fxo"]
        assert (answer.firmware, answer.serial_number) == ("harness", "H1")
        w.run(6)
        assert len(w.told(CardStatistics)) >= 1 and not w.told(Closed)


def test_the_rate_is_changed_and_kept_only_where_it_carries() -> None:
    with open_wire("s", baud=921600) as w:
        assert (w.host_baud, w.card.baud) == (921600, 921600)
        w.run(3)
        assert not w.told(Closed)
    with wire("s", baud=921600) as w:
        w.limit_baud = 460800
        w.run(5)
        assert w.session.state is State.UP
        assert (w.host_baud, w.card.baud) == (115200, 115200)


def test_a_host_that_starts_again_finds_a_card_at_the_fast_rate() -> None:
    with open_wire("s", baud=921600) as w:
        w.session = CardSession(9000, 921600, w.now)
        w.host_baud = 115200
        w.run(2)
        assert w.session.state is State.UP and w.card.baud == 921600


def test_commands_are_carried_out_and_answered() -> None:
    country = encode_country(country_profile("ru").hook.times, 25)
    with open_wire() as w:
        assert w.order(0, country).status == Status.DONE
        assert w.order(0, encode_ring((1000, 4000))).status == Status.DONE
        assert w.card.ringing_hz(0) == 25
        assert w.order(0, bytes((Command.RING_STOP,))).status == Status.DONE
        assert w.card.ringing_hz(0) == 0
        assert w.order(2, bytes((Command.SEIZE,))).status == Status.DONE
        assert w.card.is_off_hook(2)
        measured = w.order(2, bytes((Command.READ_LINE,)))
        assert measured.details == (48000).to_bytes(4, "big") + (22).to_bytes(2, "big")
        assert w.order(2, bytes((Command.RELEASE,))).status == Status.DONE
        assert not w.card.is_off_hook(2)


@pytest.mark.parametrize(
    ("port", "payload", "status"),
    [
        (0, bytes((Command.SEIZE,)), Status.WRONG_PORT),
        (2, encode_ring((1000, 4000)), Status.WRONG_PORT),
        (9, bytes((Command.RING_STOP,)), Status.WRONG_PORT),
        (0, b"\x7f", Status.UNKNOWN_COMMAND),
        (0, b"", Status.UNKNOWN_COMMAND),
        (0, bytes((Command.FW_UPDATE,)), Status.UNKNOWN_COMMAND),
        (0, bytes((Command.RING, 3, 0, 1)), Status.BAD_ARGUMENT),
        (0, encode_ring((3001, 4000)), Status.NOT_NOW),
        (2, encode_ms(Command.FLASH, 500), Status.NOT_NOW),
        (2, bytes((Command.DIAL, 0)) + b"123", Status.BAD_ARGUMENT),
        (0, bytes((Command.AUDIO, 1, 4, 10)), Status.BAD_ARGUMENT),
    ],
)
def test_what_cannot_be_done_says_so(port: int, payload: bytes, status: Status) -> None:
    with open_wire() as w:
        assert w.order(port, payload).status == status


def test_a_cadence_rings_and_a_lift_trips_it() -> None:
    with open_wire() as w:
        w.order(0, encode_ring((1000, 500)))
        w.run(4.6)
        assert w.card.rings(0) == 4
        assert [e.number for e in w.happened(CardEvent.RING_OFF)] == [1000] * 3
        w.card.hook(0, True, w.now)
        w.run(0.05)
        assert w.card.ringing_hz(0) == 0
        codes = [e.code for e in w.told(Happening) if isinstance(e, Happening)]
        assert codes[-3:] == [CardEvent.RING_OFF, CardEvent.RING_TRIP, CardEvent.OFF_HOOK] or (
            codes[-2:] == [CardEvent.RING_TRIP, CardEvent.OFF_HOOK]
        )
        assert w.order(0, encode_ring((1000, 500))).status == Status.NOT_NOW


def test_a_phone_dials_flashes_and_hangs_up() -> None:
    with open_wire() as w:
        w.card.hook(1, True, w.now)
        w.run(0.5)
        for digit in "1907":
            for _ in range(int(digit) or 10):
                w.card.hook(1, False, w.now)
                w.run(0.06)
                w.card.hook(1, True, w.now)
                w.run(0.04)
            w.run(0.6)
        w.card.hook(1, False, w.now)
        w.run(0.4)
        w.card.hook(1, True, w.now)
        w.run(0.3)
        w.card.hook(1, False, w.now)
        w.run(0.004)
        w.card.hook(1, True, w.now)  # bounce
        w.run(0.3)
        w.card.hook(1, False, w.now)
        w.run(1.3)
        told = [e for e in w.told(Happening) if isinstance(e, Happening)]
        assert [e.code for e in told] == [
            CardEvent.OFF_HOOK,
            *[CardEvent.PULSE_DIGIT] * 4,
            CardEvent.FLASH,
            CardEvent.ON_HOOK,
        ]
        assert [e.details[0] for e in told[1:5]] == [1, 9, 0, 7]
        assert 395 <= told[5].number <= 405
        assert abs(told[0].at_us / 1e6 - 100.5) < 0.01
        assert {e.port for e in told} == {1}


def test_an_exchange_rings_breaks_the_loop_and_is_dialled_by_pulses() -> None:
    with open_wire() as w:
        w.card.rung(2, True, w.now)
        w.run(1)
        w.card.rung(2, False, w.now)
        w.run(0.1)
        assert w.happened(CardEvent.RING_ON)[0].details == b"\x19"
        assert w.happened(CardEvent.RING_OFF)[0].number == 1000
        w.order(2, bytes((Command.SEIZE,)))
        assert w.order(2, encode_pulses("30")).status == Status.DONE
        w.run(3.5)
        assert w.card.breaks(2) == 13
        assert w.order(2, encode_ms(Command.FLASH, 300)).status == Status.DONE
        w.run(0.5)
        assert w.card.breaks(2) == 14 and w.card.is_off_hook(2)
        for seconds in (0.25, 2.0):
            w.card.loop(2, False, w.now)
            w.run(seconds)
            w.card.loop(2, True, w.now)
            w.run(0.1)
        assert w.happened(CardEvent.LOOP_BREAK)[0].number == 250
        assert w.happened(CardEvent.LINE_LOST) and w.happened(CardEvent.LINE_BACK)


def test_audio_is_answered_block_for_block() -> None:
    with open_wire("ssso") as w:
        w.echoes = True
        for port in range(4):
            w.order(port, encode_audio(True))
            w.card.say(port, 0x20 + port)
        w.run(1.0)
        assert [w.card.heard(port) for port in range(4)] == [0x20, 0x21, 0x22, 0x23]
        assert w.card.figures["underruns"] <= 1 and w.card.figures["overruns"] == 0


def test_more_ports_than_a_frame_holds() -> None:
    with open_wire("ssssssss") as w:
        w.echoes = True
        for port in range(8):
            w.order(port, encode_audio(True))
            w.card.say(port, 0x30 + port)
        w.run(0.5)
        assert [w.card.heard(port) for port in range(8)] == list(range(0x30, 0x38))


def test_a_host_that_falls_silent_leaves_everything_safe_within_500_ms() -> None:
    with open_wire() as w:
        w.order(0, encode_ring((3000, 100)))
        w.order(2, bytes((Command.SEIZE,)))
        w.order(1, encode_ms(Command.OPEN_LOOP, 2000))
        assert w.card.ringing_hz(0) and w.card.is_off_hook(2) and not w.card.is_fed(1)
        w.is_cut = True
        w.run(0.4)
        assert w.card.is_off_hook(2)
        w.run(0.11)
        assert not w.card.ringing_hz(0) and not w.card.is_off_hook(2) and w.card.is_fed(1)
        assert not w.card.has_session
        w.is_cut = False
        w.run(2.5)
        assert [type(e) for e in w.told(Closed)] == [Closed]
        assert len(w.told(Opened)) == 2 and not w.card.ringing_hz(0)


def test_goodbye_is_immediate() -> None:
    with open_wire() as w:
        w.order(0, encode_ring((3000, 100)))
        w.session.say_goodbye(w.now)
        w.step()
        assert not w.card.ringing_hz(0)


def test_a_card_that_starts_again_is_greeted_anew_and_tells_who_is_off_hook() -> None:
    with open_wire() as w:
        ticket = w.session.command(0, bytes((Command.RING_STOP,)), w.now)
        old, w.card = w.card, CardCore("sso", w.now)
        old.close()
        w.card.hook(1, True, w.now)
        w.run(1.0)
        assert len(w.told(Closed)) == 1 and len(w.told(Opened)) == 2
        assert Responded(ticket, -1) in w.events
        assert [e.port for e in w.happened(CardEvent.OFF_HOOK)] == [1]


def test_no_event_is_lost_and_no_command_done_twice_at_a_bit_error_rate_of_1e_5(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A minute with audio on four ports: 40 million bits, some hundred errors."""
    with open_wire("ssoo", noise=1e-5, seed=11) as w:
        w.echoes = True
        for port in range(4):
            w.order(port, encode_audio(True))
        sent, rings = 0, 0
        for _ in range(240):
            w.card.rung(2, True, w.now)
            w.run(0.06)
            w.card.rung(2, False, w.now)
            sent += 1
            if sent % 4 == 0:
                rings += 1
                assert w.order(0, encode_ring((100, 4000))).status == Status.DONE
                assert w.order(0, bytes((Command.RING_STOP,))).status == Status.DONE
            w.run(0.14)
        w.run(2.0)
        assert not w.told(Closed)
        assert len(w.happened(CardEvent.RING_ON)) == sent
        assert len(w.happened(CardEvent.RING_OFF)) == sent
        assert w.card.rings(0) == rings
        with capsys.disabled():
            print(
                f"\nBER 1e-5: {w.noise.flipped} bits flipped, {sent * 2} events and "
                f"{rings * 2} commands, 0 lost, 0 twice; frames dropped: host "
                f"{w.session.bad_frames}, card {w.card.figures['bad_frames']}; repeated: host "
                f"{w.session.repeated}, card {w.card.figures['repeated']}"
            )
        assert w.noise.flipped > 50
        assert w.session.bad_frames + w.card.figures["bad_frames"] > 30


def test_on_a_wire_twenty_times_worse_frames_are_repeated_and_none_is_lost() -> None:
    with open_wire("so", noise=2e-4, seed=3) as w:
        for _ in range(150):
            w.card.rung(1, True, w.now)
            w.run(0.05)
            w.card.rung(1, False, w.now)
            w.run(0.05)
        w.run(2.0)
        assert not w.told(Closed)
        assert len(w.happened(CardEvent.RING_ON)) == len(w.happened(CardEvent.RING_OFF)) == 150
        assert w.card.figures["repeated"] > 3


def test_the_host_lives_through_a_million_octets_of_anything() -> None:
    random = Random(5)
    with wire("ss") as w:
        w.run(0.5)
        session = w.session
        kinds = [int(kind) for kind in FrameType] + [0x55]
        fed, now = 0, w.now
        while fed < 1_000_000:
            if random.random() < 0.5:
                octets = random.randbytes(random.randrange(800))
            else:
                payload = random.randbytes(random.randrange(64))
                octets = encode_frame(
                    Frame(random.choice(kinds), random.randrange(256), random.randrange(9), payload)
                )
            fed += len(octets)
            now += random.random() * 0.3
            session.receive(octets, now)
            session.command(random.randrange(9), b"\1", now)
            session.handle_timeout(now)
            session.octets_to_send()
            while session.next_event():
                pass


def test_the_card_lives_through_a_million_octets_of_anything_under_sanitizers() -> None:
    """ASan and UBSan; ringing never lasts longer than 3 s, silence leaves it safe."""
    done = subprocess.run(
        [str(fuzzer()), "1000000", "42"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "safe 1" in done.stdout
