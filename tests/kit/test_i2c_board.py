"""The emulated board itself: registers as in the data sheet, and a judge that overlooks nothing."""

from __future__ import annotations

import pytest
import smbus2

from tests.kit.i2c_board import ADDRESS, I2cBoard, VirtualClock
from tests.kit.slic import MS, Manners

IODIR, GPINTEN, IOCON, INTF, INTCAP, GPIO, OLAT = 0x00, 0x04, 0x0A, 0x0E, 0x10, 0x12, 0x14
RM0, FR0, PD0 = 0x10, 0x01, 0x10


class Desk:
    """A board of quad-a, set up by hand."""

    def __init__(self, *, is_set_up: bool = True) -> None:
        self.clock = VirtualClock()
        self.board = I2cBoard(self.clock, manners=Manners(bounce_ms=0))
        self.bus = self.board.bus
        if is_set_up:
            self.write(OLAT, 0x0F, 0x00)
            self.write(GPINTEN, 0x00, 0x0F)
            self.write(IODIR, 0x00, 0x7F)

    def write(self, register: int, *data: int) -> None:
        self.bus.write_i2c_block_data(ADDRESS, register, list(data))

    def read(self, register: int) -> int:
        return self.bus.read_byte_data(ADDRESS, register)

    def wait(self, ms: float) -> None:
        self.clock.pass_ns(round(ms * MS))

    def ring(self, lasts_ms: float, half_ms: float = 20) -> None:
        """As it should be done, for so long."""
        latch, passed = 0x0F | RM0, 0.0
        self.write(OLAT, latch)
        while passed < lasts_ms:
            self.wait(half_ms - 0.1675)
            passed += half_ms
            latch ^= FR0
            self.write(OLAT, latch)
        self.write(OLAT, 0x0F)

    def violations(self) -> str:
        try:
            self.board.assert_safe()
        except AssertionError as found:
            return str(found)
        return ""


@pytest.fixture
def desk() -> Desk:
    return Desk()


# ---- registers


def test_after_power_on() -> None:
    desk = Desk(is_set_up=False)
    assert desk.bus.read_i2c_block_data(ADDRESS, 0, 22)[:12] == [0xFF, 0xFF, *[0] * 10]


def test_pairs_have_an_increment_and_iocon_two_addresses(desk: Desk) -> None:
    desk.write(IOCON, 0x40)
    assert desk.bus.read_i2c_block_data(ADDRESS, IOCON, 2) == [0x40, 0x40]
    assert desk.bus.read_i2c_block_data(ADDRESS, IODIR, 2) == [0x00, 0x7F]


def test_bank_1_moves_the_registers_and_back(desk: Desk) -> None:
    desk.write(IOCON, 0x80)
    assert desk.read(0x10) == 0x7F, "IODIRB"
    desk.write(0x05, 0x00)
    assert desk.read(IODIR + 1) == 0x7F


def test_interrupts_are_captured_once_until_they_are_read(desk: Desk) -> None:
    slic = desk.board.slics[0]
    start = desk.clock()
    slic.loop(True, start, bounces=False)
    slic.loop(False, start + 2 * MS, bounces=False)
    desk.wait(20)
    assert desk.read(INTF + 1) == 0x01
    assert desk.read(GPIO + 1) & 1 == 0, "the pulse is over"
    assert desk.read(INTF + 1) == 0, "reading GPIO cleared it"
    assert desk.read(INTCAP + 1) & 1 == 1, "how it was when it began"


def test_gpio_writes_are_latch_writes_and_inputs_are_not_driven(desk: Desk) -> None:
    desk.write(GPIO + 1, 0xFF)
    assert desk.read(OLAT + 1) == 0xFF
    assert desk.read(GPIO + 1) & 0x7F == 0


def test_faults_are_those_of_i2c_dev(desk: Desk) -> None:
    with pytest.raises(OSError, match="Remote I/O"):
        desk.bus.read_byte_data(0x21, 0)
    desk.bus.naks = 1
    with pytest.raises(OSError):
        desk.read(0)
    assert desk.read(IODIR) == 0
    desk.bus.is_stuck = True
    with pytest.raises(OSError, match="timed out"):
        desk.read(0)


def test_messages_of_smbus2(desk: Desk) -> None:
    """i2c_rdwr with the real i2c_msg: set the pointer, read on."""
    ask, answer = smbus2.i2c_msg.write(ADDRESS, [IODIR]), smbus2.i2c_msg.read(ADDRESS, 2)
    desk.bus.i2c_rdwr(ask, answer)
    assert list(answer) == [0x00, 0x7F]


def test_the_interface_is_that_of_smbus2(desk: Desk) -> None:
    """Every method that the board has takes the arguments that smbus2.SMBus takes."""
    import inspect

    ours = [name for name, _ in inspect.getmembers(desk.bus, inspect.ismethod)]
    shared = [name for name in ours if not name.startswith("_")]
    assert {"read_byte_data", "write_i2c_block_data", "i2c_rdwr", "write_quick"} <= set(shared)
    for name in shared:
        theirs = inspect.signature(getattr(smbus2.SMBus, name)).parameters
        mine = inspect.signature(getattr(desk.bus, name)).parameters
        assert ["self", *mine] == list(theirs), name


# ---- the judge: each limit is broken once


def test_proper_ringing_is_no_violation(desk: Desk) -> None:
    for _ in range(3):
        desk.ring(1000)
        desk.wait(4000)
    assert not desk.violations()
    assert len(desk.board.judge.watches[0].bursts) == 3


def test_more_than_a_third(desk: Desk) -> None:
    for _ in range(3):
        desk.ring(1000)
        desk.wait(1900)
    assert "RM was high" in desk.violations()


def test_a_burst_too_long(desk: Desk) -> None:
    desk.ring(3100)
    assert "RM high for 31" in desk.violations()


@pytest.mark.parametrize("half_ms", [8, 34])
def test_another_frequency(desk: Desk, half_ms: float) -> None:
    desk.ring(500, half_ms)
    assert "F/R turned after" in desk.violations()


def test_ringing_current_that_is_none(desk: Desk) -> None:
    desk.write(OLAT, 0x0F | RM0)
    desk.wait(200)
    assert "stood still" in desk.violations()


def test_pd_driven_high(desk: Desk) -> None:
    desk.write(OLAT + 1, PD0)
    assert not desk.violations(), "a latch behind an input drives nothing"
    desk.write(IODIR + 1, 0x7F & ~PD0)
    assert "PD was driven high" in desk.violations()


def test_ringing_on_after_a_lift(desk: Desk) -> None:
    desk.board.slics[0].lift(desk.clock() + 300 * MS)
    desk.ring(900)
    assert "500 ms after the phone was lifted" in desk.violations()


def test_a_lifted_phone_is_rung(desk: Desk) -> None:
    desk.board.slics[0].lift(desk.clock())
    desk.wait(100)
    desk.ring(100)
    assert "a lifted phone is rung" in desk.violations()


def test_rm_that_falls_without_a_hold(desk: Desk) -> None:
    desk.board.slics[0].lift(desk.clock() + 100 * MS)
    desk.ring(300)
    assert "after F/R turned" in desk.violations()


def test_a_direction_before_its_latch() -> None:
    desk = Desk(is_set_up=False)
    desk.write(OLAT, RM0)
    desk.write(IODIR, 0x00, 0x7F)
    assert "RM was high as it became an output" in desk.violations()


def test_a7_as_an_input(desk: Desk) -> None:
    desk.write(IODIR, 0x80)
    assert "made an input" in desk.violations()
