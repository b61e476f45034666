"""What the daemon and the keeper say: every message and every event comes out as it went in."""

from __future__ import annotations

import dataclasses
import random
from typing import Any, get_args, get_type_hints

import pytest

from drivers.events import (
    CallerIdReceived,
    CallerIdWindow,
    DigitPulsed,
    FlashHook,
    LineBack,
    LineEvent,
    LineLost,
    OffHook,
    OnHook,
    PolarityReversed,
    PortFault,
    RingStarted,
    RingStopped,
)
from drivers.fxs_i2c.messages import (
    Beat,
    Figures,
    Message,
    Order,
    Outcome,
    PortEvent,
    Verb,
    decode,
    encode,
)

#: What the keeper tells; the other events are made by nobody here.
TOLD = (
    *(OffHook, OnHook, FlashHook, DigitPulsed, CallerIdWindow, LineBack, LineLost),
    *(PolarityReversed, PortFault, RingStarted, RingStopped),
)


@pytest.mark.parametrize(
    "message",
    [
        *(Order(7, 3, verb, (1000, 4000), True, 500, "12") for verb in Verb),
        Outcome(7),
        Outcome(8, "line.busy", "zvonит"),
        Figures(1, 2, 3, 4),
        Beat(True),
    ],
)
def test_what_goes_in_comes_out(message: Message) -> None:
    line = encode(message)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert decode(line) == message


@pytest.mark.parametrize("kind", TOLD)
def test_every_event_that_is_told(kind: type[LineEvent]) -> None:
    samples: dict[type, Any] = {int: 42, str: "4", bool: True}
    hints = get_type_hints(kind)
    values = {field.name: samples[hints[field.name]] for field in dataclasses.fields(kind)}
    message = PortEvent(2, kind(**values))
    assert decode(encode(message)) == message


def test_events_are_those_of_the_contract() -> None:
    assert set(TOLD) <= set(get_args(LineEvent))
    assert CallerIdReceived not in TOLD, "its record would need more than this"


def test_anything_else_is_a_value_error() -> None:
    chance = random.Random(5)
    good = encode(Order(1, 0, Verb.RING, (1000, 4000)))
    for _ in range(3000):
        line = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            line[chance.randrange(len(line))] = chance.randrange(256)
        try:
            decode(bytes(line))
        except ValueError:
            continue
    for line in (b"", b"[]", b"{}", b"null", b'["Order"]', b'["OffHook",{"at_ns":1}]', b"\xff"):
        with pytest.raises(ValueError):
            decode(line)
