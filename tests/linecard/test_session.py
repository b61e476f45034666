"""Tests of drivers/linecard/session.py against the reference card's core, in virtual time.

Greeting, baud rate, commands, events, audio, silence; the card's side with it.
"""

from __future__ import annotations

import struct

import pytest

from drivers.country import country_profile
from drivers.linecard.frame import Frame, FrameReader, FrameType, encode_frame
from drivers.linecard.messages import (
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
    CardSession,
    Closed,
    Opened,
    Refused,
    Responded,
    State,
)
from tests.kit.line_card import CardCore
from tests.linecard.wire import open_wire, wire


def test_a_card_says_what_it_has() -> None:
    with open_wire("sso") as w:
        [opened] = w.told(Opened)
        assert isinstance(opened, Opened)
        answer = opened.answer
        assert [port.kind.value for port in answer.ports] == ["fxs", "fxs", "fxo"]
        assert (answer.firmware, answer.serial_number) == ("harness", "H1")
        w.run(6)
        assert len(w.told(CardStatistics)) >= 1 and not w.told(Closed)


def test_a_card_of_little_room_is_sent_one_command_at_a_time() -> None:
    session = CardSession(77, 0, 0.0)
    answer = struct.pack("!IBBIBBHBBB", 77, 1, 1, 0, 1, 1, 0, 1, 0, 0)
    session.receive(encode_frame(Frame(FrameType.HELLO_ACK, 0, 0, answer)), 0.0)
    assert session.state is State.UP
    for _ in range(3):
        session.command(0, bytes((Command.RING_STOP,)), 0.01)
    frames = FrameReader().feed(session.octets_to_send())
    assert [frame.type for frame in frames] == [FrameType.CMD]


@pytest.mark.parametrize(
    ("answer", "protocol"),
    [
        (Frame(FrameType.NAK, 0, 0, b"\1"), 0),
        (
            Frame(
                FrameType.HELLO_ACK,
                0,
                0,
                struct.pack("!IBBIBBHBBB", 77, 2, 4, 0, 1, 1, 0, 1, 0, 0),
            ),
            2,
        ),
    ],
)
def test_a_card_of_another_version_is_refused_and_greeted_seldom(
    answer: Frame, protocol: int
) -> None:
    session = CardSession(77, 0, 0.0)
    session.handle_timeout(0.0)
    assert [f.type for f in FrameReader().feed(session.octets_to_send())] == [FrameType.HELLO]
    session.receive(encode_frame(answer), 0.01)
    assert session.next_event() == Refused(protocol)
    assert session.state is State.GREETING and session.next_timeout() == pytest.approx(5.01)
    good = struct.pack("!IBBIBBHBBB", 77, 1, 4, 0, 1, 1, 0, 1, 0, 0)
    session.handle_timeout(5.01)
    session.receive(encode_frame(Frame(FrameType.HELLO_ACK, 0, 0, good)), 5.02)
    assert isinstance(session.next_event(), Opened)


def test_a_refusal_in_a_session_is_of_something_else() -> None:
    with open_wire() as w:
        w.session.receive(encode_frame(Frame(FrameType.NAK, 0, 0, b"\1")), w.now)
        w.run(0.5)
        assert w.session.state is State.UP and not w.told(Refused)


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


def test_a_burst_ends_after_three_seconds_though_it_is_ordered_again_and_again() -> None:
    with open_wire("s") as w:
        longest = lasts = 0
        for _ in range(8):
            assert w.order(0, encode_ring((3000, 4000))).status == Status.DONE
            for _ in range(1500):
                w.step()
                lasts = lasts + 1 if w.card.ringing_hz(0) else 0
                longest = max(longest, lasts)
        assert 2900 < longest <= 3001


def test_a_phone_that_hangs_up_while_its_loop_is_open_has_hung_up() -> None:
    """Its board tells what changes, and nothing changes once the loop is closed."""
    with open_wire("s") as w:
        w.card.hook(0, True, w.now)
        w.run(0.1)
        assert w.order(0, encode_ms(Command.OPEN_LOOP, 500)).status == Status.DONE
        w.card.hook(0, False, w.now)
        w.run(0.4)
        assert not w.happened(CardEvent.ON_HOOK)
        w.run(2)
        assert len(w.happened(CardEvent.ON_HOOK)) == 1


def test_a_phone_that_stays_up_while_its_loop_is_open_has_done_nothing() -> None:
    with open_wire("s") as w:
        w.card.hook(0, True, w.now)
        w.run(0.1)
        told = len(w.told(Happening))
        assert w.order(0, encode_ms(Command.OPEN_LOOP, 500)).status == Status.DONE
        w.card.hook(0, False, w.now)
        while not w.card.is_fed(0):
            w.step()
        w.run(0.02)
        w.card.hook(0, True, w.now)  # its current is back
        w.run(2)
        assert len(w.told(Happening)) == told


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


def test_how_long_a_card_is_up_does_not_wrap_with_its_clock() -> None:
    with open_wire("s") as w:
        began = w.now
        for _ in range(5):
            w.now += 1000  # more than its 71 minutes
            w.card.tick(w.now)
        w._audio_at = w.now
        w.run(8)
        told = w.told(CardStatistics)[-1]
        assert isinstance(told, CardStatistics)
        assert told.uptime_ms > (w.now - began - 6) * 1000
