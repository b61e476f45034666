"""Tests of drivers/linecard/port.py and incoming_ring.py: what a card's events become."""

from __future__ import annotations

import pytest

from drivers.api import PortKind
from drivers.country import country_profile
from drivers.events import (
    LineBack,
    LineEvent,
    LineLost,
    LineState,
    LoopBroken,
    PolarityReversed,
    PortFault,
    RingStopped,
)
from drivers.linecard.messages import CardCapability, CardEvent, CardPort, Format, Happening
from drivers.linecard.port import LineCardPort
from tests.kit.virtual_loop import elapse, run_virtually

AT_NS = 7_000_000


def told(*happenings: tuple[int, bytes]) -> tuple[LineCardPort, list[LineEvent]]:
    """A city line, and what it told as these came."""
    about = CardPort(PortKind.FXO, CardCapability(15), Format.ALAW)
    port = LineCardPort(0, about, country_profile("ru"), lambda: 0)
    events: list[LineEvent] = []
    port._tell = events.append  # type: ignore[method-assign]
    for code, details in happenings:
        port.hear(Happening(0, 0, code, details), AT_NS)
    return port, events


@pytest.mark.parametrize(
    ("code", "details", "event"),
    [
        (CardEvent.POLARITY, b"\1", PolarityReversed(AT_NS, True)),
        (CardEvent.POLARITY, b"\0", PolarityReversed(AT_NS, False)),
        (CardEvent.THERMAL, b"", PortFault(AT_NS, "line.hot", True)),
        (CardEvent.LOOP_BREAK, b"\0\xfa", LoopBroken(AT_NS, 250)),
    ],
)
def test_what_a_card_tells(code: CardEvent, details: bytes, event: LineEvent) -> None:
    _, events = told((code, details))
    assert events == [event]


@pytest.mark.parametrize(
    ("code", "details"),
    [
        (CardEvent.RING_TRIP, b""),  # OFF_HOOK comes after it
        (CardEvent.AUDIO_FAULT, b"\1\0\1"),
        (CardEvent.POLARITY, b""),  # cut short
        (CardEvent.PULSE_DIGIT, b""),
        (0x7F, b"of a newer card"),
    ],
)
def test_what_is_passed_over(code: int, details: bytes) -> None:
    assert told((code, details))[1] == []


def test_a_line_without_feed_is_down_until_it_is_back() -> None:
    port, events = told((CardEvent.LINE_LOST, b""))
    assert port.health.state is LineState.DOWN and port.health.detail == "line.no_loop"
    assert LineLost(AT_NS, "line.no_loop") in events
    port, events = told((CardEvent.LINE_LOST, b""), (CardEvent.LINE_BACK, b""))
    assert port.health.state is LineState.IDLE and not port.health.detail
    assert events.count(LineBack(AT_NS)) == 1


def test_a_card_that_is_pulled_while_it_rings_leaves_nothing_to_come() -> None:
    async def scene() -> None:
        port, events = told((CardEvent.RING_ON, b"\x19"), (CardEvent.RING_OFF, b"\3\xe8"))
        assert port.health.state is LineState.RINGING
        port.detach("line.unplugged")
        await elapse(10)
        assert port.health.state is LineState.DOWN
        assert not any(isinstance(event, RingStopped) for event in events)

    run_virtually(scene())
