"""A host's session and the reference card's core with a wire between them, in virtual time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from drivers.linecard.messages import (
    AudioUp,
    CardEvent,
    Happening,
)
from drivers.linecard.session import (
    BaudWanted,
    CardSession,
    Responded,
    SessionEvent,
    State,
)
from tests.kit.line_card import CardCore

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
