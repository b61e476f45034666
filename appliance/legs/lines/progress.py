"""What became of a call on a city line: a judge of tones, reversals and silence.

PURE; time is an argument. Exchanges say nothing in words: busy and congestion are tones, an answer
is a reversal of the line where there is one, and otherwise the end of the ringing tone. How long
that is waited for is here; what tones are is the country's profile.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from appliance.call.leg import Cause
from drivers.events import LineEvent, LoopBroken, OnHook, PolarityReversed, ProgressReported

#: Reversals of the seizure and of the dialling itself say nothing.
DEAF_S = 0.6
#: The ringing tone that does not come back in its period and so much more was the last one.
_LATE_S = 0.7
#: A ringing burst is told before it ends, and the level is that of a whole second.
_PAUSE_S = 1.6
_VOICE_DBM0 = -38.0
#: After a flash: a tone is told anew within so long while it sounds, and may sound for so long.
_TOLD_AGAIN_S = 4.0
_ENDLESS_S = 5.5


class Verdict(Enum):
    WAIT = "wait"
    ANSWERED = "answered"
    OVER = "over"  # cause and status say why


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a call out did not come about; status as a provider would have said it, 0 = the way's own
    fault, after which the next way is tried."""

    cause: Cause
    status: int


#: Tone of the exchange -> what it means before the answer.
LOST: dict[str, Lost] = {
    "busy": Lost(Cause.BUSY, 486),
    "congestion": Lost(Cause.CONGESTION, 503),
    "sit": Lost(Cause.NOT_FOUND, 404),
    "dial": Lost(Cause.NO_RESPONSE, 0),  # the exchange did not take the digits
    "no_dial_tone": Lost(Cause.NO_RESPONSE, 0),
    "line_in_use": Lost(Cause.CONGESTION, 0),
    "no_answer": Lost(Cause.NO_ANSWER, 480),
    "released": Lost(Cause.NO_ANSWER, 480),
}
#: The same words as devices use them (drivers.events.ProgressReported).
WORDS = {"dial_tone": "dial"}


class Progress:
    """One call after its digits. answer_by, answer_after_s: of the line; period_s: of the country's
    ringing tone; now: when the last digit was sent."""

    def __init__(self, answer_by: str, answer_after_s: float, period_s: float, now: float) -> None:
        self._answer_by = answer_by
        self._period_s = period_s
        self._dialled_at = now
        self._answer_at = now if answer_by == "dialling" else now + answer_after_s
        self.lost: Lost | None = None
        self.rang = False
        self._rang_at = now
        self._voices = 0

    def hear(self, word: str, now: float) -> Verdict:
        """A tone, or a word of the device."""
        word = WORDS.get(word, word)
        if word == "answered":
            return Verdict.ANSWERED
        if word == "ringback":
            self.rang = True
            self._rang_at = now
            self._voices = 0
            self._answer_at = now + self._period_s + _LATE_S
            return Verdict.WAIT
        lost = LOST.get(word)
        if lost is None or (word == "dial" and now - self._dialled_at < 3.0):
            return Verdict.WAIT
        self.lost = lost
        return Verdict.OVER

    def level(self, dbm0: float, now: float) -> Verdict:
        """The level of the last second, asked for now and then: a voice in the pause of the
        ringing tone is an answer. Two such in a row, so that a click is none."""
        since = now - self._rang_at
        is_pause = self.rang and _PAUSE_S < since < self._period_s - _PAUSE_S
        is_voice = is_pause and self._answer_by == "tones" and dbm0 > _VOICE_DBM0
        self._voices = self._voices + 1 if is_voice else 0
        return Verdict.ANSWERED if self._voices >= 2 else Verdict.WAIT

    def reversed(self, now: float) -> Verdict:
        """The line's polarity changed."""
        is_early = now - self._dialled_at < DEAF_S
        return Verdict.WAIT if is_early else Verdict.ANSWERED

    @property
    def deadline(self) -> float | None:
        """When ``timeout`` is due; None = only the line itself can tell."""
        return None if self._answer_by == "polarity" else self._answer_at

    def timeout(self, now: float) -> Verdict:
        """Nothing came for long enough: somebody is there."""
        deadline = self.deadline
        return Verdict.ANSWERED if deadline is not None and now >= deadline else Verdict.WAIT


class HangUps:
    """Which signs are a hang-up of the far end in a call that is up. methods: of the line; a
    cellular device tells it by OnHook, or by the word with which its call ended."""

    def __init__(
        self,
        methods: tuple[str, ...],
        loop_break_ms: int,
        now: float,
        *,
        is_cellular: bool = False,
    ) -> None:
        self._methods = methods
        self._is_cellular = is_cellular
        self._loop_break_ms = loop_break_ms or 200
        self._deaf_until = now + DEAF_S

    def be_deaf(self, now: float) -> None:
        """Our side opens or closes the loop: what the line itself does meanwhile says nothing."""
        self._deaf_until = now + DEAF_S

    def is_by(self, event: LineEvent, now: float) -> bool:
        """Whether this is the end of the call."""
        if isinstance(event, LoopBroken):
            return self.loop_broken(event.duration_ms, now)
        if isinstance(event, PolarityReversed):
            return self.reversed(now)
        if isinstance(event, ProgressReported):
            is_end = self._is_cellular and event.word in LOST
            return is_end or self.hear(event.word)
        return isinstance(event, OnHook) and self._is_cellular

    def hear(self, word: str) -> bool:
        """A tone, silence, or a word of the device."""
        word = WORDS.get(word, word)
        if word in ("busy", "congestion"):
            return "busy_tone" in self._methods
        if word == "dial":
            return "dial_tone" in self._methods
        if word == "silence":
            return "silence" in self._methods
        return word == "released"

    def loop_broken(self, duration_ms: int, now: float) -> bool:
        is_deaf = now < self._deaf_until
        return not is_deaf and "loop_break" in self._methods and duration_ms >= self._loop_break_ms

    def reversed(self, now: float) -> bool:
        return now >= self._deaf_until and "polarity" in self._methods


class Patience:
    """Tones after a flash: dial tone asks for a number, busy tone may be a third party's. One that
    goes on until a stuck line has to be freed (10 s with its detection) is a hang-up all the same.
    """

    def __init__(self) -> None:
        self._tone = ""
        self._since = self._last = 0.0

    def is_over(self, tone: str, now: float) -> bool:
        """A tone was heard, for the first time or again; whether it has sounded for too long."""
        if tone != self._tone or now - self._last > _TOLD_AGAIN_S:
            self._tone, self._since = tone, now
        self._last = now
        return now - self._since >= _ENDLESS_S
