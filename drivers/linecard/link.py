"""The reliable half of the link, the host's side: window, repetition, duplicates.

PURE. docs/linecard-protocol.md §4: sequence numbers of 4 bits, at most 4 frames unacknowledged,
repeated after 50 ms, 100 ms … and given up after five tries. What arrives is delivered once and in
order; the card's side is card/lc_link.c.
"""

from __future__ import annotations

from collections import deque
from enum import Enum

from drivers.linecard.frame import Frame, FrameType

SEQUENCES = 16
WINDOW = 4
TRIES = 5
RETRANSMIT_S = 0.05
UNSUPPORTED, MISSED = 1, 2  # reasons of a NAK


class Arrival(Enum):
    NEW = "new"
    KNOWN = "known"
    AHEAD = "ahead"


class Link:
    """``push`` what must arrive, ``frames_to_send``; tell it ``acknowledged`` and ``missed``;
    ``accept`` says what is new. is_failed after five tries."""

    def __init__(self, window: int = WINDOW) -> None:
        """window: how many frames the other side wants to be sent unacknowledged, 4 at most."""
        self._window = max(1, min(window, WINDOW))
        self._waiting: deque[Frame] = deque()
        self._in_flight = 0
        self._first = 0  # sequence number of the oldest that waits
        self._expected = 0
        self._tries = 0
        self._backoff_s = RETRANSMIT_S
        self._deadline = 0.0
        self.is_failed = False
        self.repeated = 0

    def push(self, frame_type: FrameType, port: int, payload: bytes) -> int:
        """The sequence number that it will have."""
        sequence = (self._first + len(self._waiting)) % SEQUENCES
        self._waiting.append(Frame(frame_type, sequence, port, payload))
        return sequence

    @property
    def has_room(self) -> bool:
        """A number is not given twice while its first frame waits."""
        return len(self._waiting) < SEQUENCES // 2

    def frames_to_send(self, now: float) -> list[Frame]:
        frames: list[Frame] = []
        if self._in_flight and now >= self._deadline:
            if self._tries >= TRIES:
                self.is_failed = True
                return []
            frames += list(self._waiting)[: self._in_flight]
            self.repeated += self._in_flight
            self._tries += 1
            self._backoff_s *= 2
            self._deadline = now + self._backoff_s
        while self._in_flight < min(len(self._waiting), self._window):
            if not self._in_flight:
                self._restart(now)
            frames.append(self._waiting[self._in_flight])
            self._in_flight += 1
        return frames

    def next_timeout(self) -> float | None:
        return self._deadline if self._in_flight else None

    def acknowledged(self, sequence: int, now: float) -> None:
        """Everything up to and with this number has arrived."""
        arrived = (sequence - self._first + 1) % SEQUENCES
        if not 0 < arrived <= self._in_flight:
            return
        for _ in range(arrived):
            self._waiting.popleft()
        self._in_flight -= arrived
        self._first = (self._first + arrived) % SEQUENCES
        self._restart(now)

    def missed(self, sequence: int, now: float) -> None:
        """The other side waits for this one: go back to it at once, but once."""
        self.acknowledged((sequence - 1) % SEQUENCES, now)
        if self._in_flight and self._first == sequence and self._tries == 1:
            self._deadline = now

    def accept(self, sequence: int) -> Arrival:
        ahead = (sequence - self._expected) % SEQUENCES
        if ahead == 0:
            self._expected = (self._expected + 1) % SEQUENCES
            return Arrival.NEW
        return Arrival.AHEAD if ahead < SEQUENCES // 2 else Arrival.KNOWN

    @property
    def expected(self) -> int:
        return self._expected

    @property
    def last(self) -> int:
        """What to acknowledge: the last in order."""
        return (self._expected - 1) % SEQUENCES

    def _restart(self, now: float) -> None:
        self._tries = 1
        self._backoff_s = RETRANSMIT_S
        self._deadline = now + self._backoff_s
