"""The exchange behind a simulated city line, and the party at its far end.

PURE; its time is what it has said, so that a wire that stands still costs nobody a digit. It gives
dial tone, reads digits, and does with a number what its last two digits say (the same as the demo's
provider): 00 busy, 01 never answers, 02 congestion, 03 no such number; anything else rings and
answers. Who answers greets with three notes and then gives back what he hears, a moment later.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable
from enum import Enum

from drivers.country import CountryProfile, ToneToSend
from drivers.simulator.sound import FRAME_S, SILENCE, KeyReader, Player, samples

DIGIT_TIME_S = 1.5  # the number is over
RING_S = 3.0
_ECHO_FRAMES = 15
_SHORTEST_SUBSCRIBER = 5
_NOTES = samples(
    (((523.0,), 200), ((), 50), ((659.0,), 200), ((), 50), ((784.0,), 300), ((), 200)), -18.0
)
_BY_ENDING = {"00": "busy", "01": "ringback", "02": "congestion", "03": "sit"}


class State(Enum):
    ON_HOOK = "on_hook"
    DIAL_TONE = "dial_tone"
    DIALLING = "dialling"
    RINGING = "ringing"  # at the far end
    TALKING = "talking"
    TONE = "tone"  # busy and the like, until on-hook


class Exchange:
    """One line. on_answered: the far end has answered."""

    def __init__(self, profile: CountryProfile, on_answered: Callable[[], None]) -> None:
        self.state = State.ON_HOOK
        self.digits = ""
        self._tones = profile.tones
        self._on_answered = on_answered
        self._player = Player()
        self._keys = KeyReader()
        self._said_s = 0.0
        self._due_s: float | None = None
        self._delayed: deque[bytes] = deque()

    def off_hook(self) -> None:
        self.digits = ""
        self._sound(State.DIAL_TONE, "dial")

    def on_hook(self) -> None:
        self.state = State.ON_HOOK
        self._due_s = None
        self._player.stop()

    def take_call(self) -> None:
        """The line answers somebody who called it."""
        self._talk()

    def far_hang_up(self) -> None:
        """The far end is gone: busy tone until the line is on-hook."""
        if self.state in (State.TALKING, State.RINGING):
            self._sound(State.TONE, "busy")
            self._due_s = None

    def dial(self, digits: str) -> None:
        """Digits, by whatever way they came."""
        if self.state is State.DIAL_TONE:
            self.state = State.DIALLING
            self._player.stop()
        if self.state is State.DIALLING:
            self.digits += digits
            self._due_s = self._said_s + DIGIT_TIME_S

    def hear(self, frame: bytes) -> None:
        """20 ms from the line."""
        if self.state in (State.DIAL_TONE, State.DIALLING):
            key = self._keys.feed(frame)
            if key:
                self.dial(key)
        elif self.state is State.TALKING:
            self._delayed.append(frame)

    def speak(self) -> bytes:
        """20 ms to the line."""
        self._said_s += FRAME_S
        if self._due_s is not None and self._said_s >= self._due_s:
            self._due_s = None
            self._go_on()
        if self.state is State.TALKING and not self._player.is_playing:
            return self._delayed.popleft() if len(self._delayed) > _ECHO_FRAMES else SILENCE
        return self._player.frame()

    def _go_on(self) -> None:
        if self.state is State.DIALLING:
            is_subscriber = len(self.digits) >= _SHORTEST_SUBSCRIBER
            tone = _BY_ENDING.get(self.digits[-2:], "") if is_subscriber else ""
            if tone and tone != "ringback":
                self._sound(State.TONE, tone)
                return
            self._sound(State.RINGING, "ringback")
            self._due_s = None if tone else self._said_s + RING_S
        elif self.state is State.RINGING:
            self._talk()
            self._on_answered()

    def _talk(self) -> None:
        self.state = State.TALKING
        self._delayed.clear()
        self._player.play(_NOTES)

    def _sound(self, state: State, tone: str) -> None:
        self.state = state
        self._player.play(tone_samples(self._tones[tone]), repeats=True)


def tone_samples(tone: ToneToSend) -> array[int]:
    """One period of a country's tone."""
    segments = tuple((part.frequencies_hz, part.duration_ms) for part in tone.segments)
    return samples(segments, tone.level_dbm0)
