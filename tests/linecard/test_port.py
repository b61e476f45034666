"""Tests of drivers/linecard/port.py and incoming_ring.py: what a card's events become."""

from __future__ import annotations

import asyncio

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
    RingStarted,
    RingStopped,
)
from drivers.linecard.messages import (
    CardCapability,
    CardEvent,
    CardPort,
    Format,
    Happening,
    Status,
)
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


class _Link:
    """A card that does as it is told, once it may."""

    def __init__(self) -> None:
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def command(self, port: int, payload: bytes) -> tuple[int, bytes]:
        await self.goes_on.wait()
        return Status.DONE, b""

    def open_audio(self, port: int) -> int:
        return 5

    def close_audio(self, port: int) -> None:
        pass


def lose_feed(port: LineCardPort) -> None:
    port.hear(Happening(0, 0, CardEvent.LINE_LOST, b""), AT_NS)


def assert_no_feed(port: LineCardPort) -> None:
    assert (port.health.state, port.health.detail) == (LineState.DOWN, "line.no_loop")


def test_a_line_that_loses_its_feed_in_a_call_is_down_after_it() -> None:
    async def scene() -> None:
        port, events = told()
        await port.attach(_Link(), "1", "2")
        await port.seize()
        lose_feed(port)
        await port.release()
        assert_no_feed(port)
        port.hear(Happening(0, 0, CardEvent.LINE_BACK, b""), AT_NS)
        assert port.health.state is LineState.IDLE and events.count(LineBack(AT_NS)) == 1

    run_virtually(scene())


def test_a_line_that_loses_its_feed_while_it_rings_is_down_and_rings_anew_later() -> None:
    async def scene() -> None:
        port, events = told((CardEvent.RING_ON, b"\x19"), (CardEvent.RING_OFF, b"\3\xe8"))
        lose_feed(port)
        await elapse(10)
        assert_no_feed(port)
        port.hear(Happening(0, 0, CardEvent.LINE_BACK, b""), AT_NS)
        port.hear(Happening(0, 0, CardEvent.RING_ON, b"\x19"), AT_NS)
        assert events.count(RingStarted(AT_NS)) == 2

    run_virtually(scene())


@pytest.mark.parametrize("is_told_first", [True, False])
def test_a_line_without_feed_stays_down_when_its_card_comes(is_told_first: bool) -> None:
    """The card tells so with the session: before the port greets it, or while it does."""

    async def scene() -> None:
        port, events = told()
        link = _Link()
        link.goes_on.clear()
        attaching = asyncio.ensure_future(port.attach(link, "1", "2"))
        if not is_told_first:
            await elapse(1)
        lose_feed(port)
        link.goes_on.set()
        await attaching
        assert_no_feed(port)
        assert not any(isinstance(event, LineBack) for event in events)
        port.detach("line.unplugged")
        await port.attach(link, "1", "2")
        assert port.health.state is LineState.IDLE, "another session, and nothing was told"

    run_virtually(scene())


def test_a_city_line_is_listened_to_for_who_calls_and_a_telephone_is_not() -> None:
    """The protocol has no event for it: it is done in the audio."""
    for kind, is_heard in ((PortKind.FXO, True), (PortKind.FXS, False)):
        about = CardPort(kind, CardCapability(15), Format.ALAW)
        port = LineCardPort(0, about, country_profile("ru"), lambda: 0)
        assert port.capabilities.caller_id
        assert port.capabilities.caller_id_in_band is is_heard


def test_a_card_that_is_pulled_while_it_rings_leaves_nothing_to_come() -> None:
    async def scene() -> None:
        port, events = told((CardEvent.RING_ON, b"\x19"), (CardEvent.RING_OFF, b"\3\xe8"))
        assert port.health.state is LineState.RINGING
        port.detach("line.unplugged")
        await elapse(10)
        assert port.health.state is LineState.DOWN
        assert not any(isinstance(event, RingStopped) for event in events)

    run_virtually(scene())
