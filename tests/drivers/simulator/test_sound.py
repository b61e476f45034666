"""The simulated world's sounds: keys are read, pitches heard, the exchange does what is dialled."""

from __future__ import annotations

import pytest

from drivers.country import country_profile
from drivers.simulator.exchange import Exchange, State
from drivers.simulator.sound import FRAME, Hearing, KeyReader, Player, keys, samples

DIGITS = "1234567890*#ABCD"


def frames_of(player: Player, count: int) -> list[bytes]:
    return [player.frame() for _ in range(count)]


def test_every_key_is_read_once() -> None:
    player, reader = Player(), KeyReader()
    player.play(keys(DIGITS + "11"))
    found = "".join(reader.feed(frame) for frame in frames_of(player, 200))
    assert found == DIGITS + "11"


def test_tones_and_silence_are_no_keys() -> None:
    reader, player = KeyReader(), Player()
    player.play(samples((((425.0,), 500), ((), 100), ((1004.0,), 400)), -10.0), repeats=True)
    assert not any(reader.feed(frame) for frame in frames_of(player, 200))


def test_pitch_and_level_are_heard() -> None:
    hearing, player = Hearing(), Player()
    assert hearing.pitch_hz == 0 and hearing.level_dbm0 == -70.0
    player.play(samples((((620.0,), 1000),), -20.0), repeats=True)
    for frame in frames_of(player, 30):
        assert len(frame) == 2 * FRAME
        hearing.feed(frame)
    assert hearing.pitch_hz == pytest.approx(620, abs=5)
    assert hearing.level_dbm0 == pytest.approx(-20, abs=0.2)


class Line:
    """An exchange and what it says, frame by frame."""

    def __init__(self) -> None:
        self.answered: list[float] = []
        self.now = 0.0
        self.exchange = Exchange(country_profile("RU"), lambda: self.answered.append(self.now))
        self.hearing = Hearing()
        self.mouth = Player()

    def run(self, seconds: float) -> None:
        for _ in range(int(seconds / 0.02)):
            self.now += 0.02
            self.exchange.hear(self.mouth.frame())
            self.hearing.feed(self.exchange.speak())

    def dial(self, digits: str) -> None:
        self.exchange.off_hook()
        self.run(0.6)
        assert self.hearing.pitch_hz == pytest.approx(425, abs=5)
        self.mouth.play(keys(digits))
        self.run(len(digits) * 0.18 + 1.7)


@pytest.mark.parametrize(
    ("digits", "state"),
    [
        ("84955551234", State.RINGING),
        ("112", State.RINGING),
        ("84955550100", State.TONE),
        ("84955550101", State.RINGING),
        ("84955550103", State.TONE),
    ],
)
def test_a_number_leads_where_its_end_says(digits: str, state: State) -> None:
    line = Line()
    line.dial(digits)
    assert line.exchange.digits == digits and line.exchange.state is state


def test_who_answers_greets_and_gives_back_what_he_hears() -> None:
    line = Line()
    line.dial("84955551234")
    line.run(3.2)
    assert line.answered and line.exchange.state is State.TALKING
    line.run(1.2)
    line.mouth.play(samples((((910.0,), 2000),), -15.0))
    line.run(1.5)
    assert line.hearing.pitch_hz == pytest.approx(910, abs=10)
    line.exchange.far_hang_up()
    line.run(0.3)
    assert line.exchange.state is State.TONE


def test_who_never_answers_rings_on() -> None:
    line = Line()
    line.dial("84955550101")
    line.run(30)
    assert line.answered == [] and line.exchange.state is State.RINGING


def test_pulses_dial_too() -> None:
    line = Line()
    line.exchange.off_hook()
    line.exchange.dial("84955551234")
    line.run(5)
    assert line.answered
