"""The copper pair behind an emulated modem: an exchange, and whoever is at the far end.

PURE: it lives by the samples that it is asked for (8 kHz), reads no clock, and belongs to whoever
holds the modem's lock. The far end rings, answers, speaks, hears, is busy, hangs up by busy tone,
opened loop, reversed polarity or nothing at all. Signals to the modem go to ``tell``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from tests.kit.v253_audio import RATE_HZ, KeyEar, Player, Sound, read_wav

_AFTER_LAST_DIGIT_S = 3.0
_CONNECT_S = 0.6  # from the last digit to ringback or busy
_FLASH_S = (0.3, 1.2)  # a break of the loop that is neither a pulse nor a hang-up


@dataclass(frozen=True)
class Exchange:
    """The tones of one country's exchange, as a caller hears them. is_national: modems' own
    detectors have them in their tables."""

    dial: Sound
    ringback: Sound
    busy: Sound
    congestion: Sound
    is_national: bool = True


def _plain(frequency: float, ring: tuple[int, int], busy: int, congestion: int) -> Exchange:
    one = (frequency,)
    return Exchange(
        Sound(one), Sound(one, ring), Sound(one, (busy, busy)), Sound(one, (congestion, congestion))
    )


_RING = (1000, 4000)
#: Eight national sets (ITU-T E.180 and what its supplement 2 tells of them), and one more.
EXCHANGES = {
    "ru": _plain(425, _RING, 350, 175),
    "by": _plain(425, _RING, 300, 150),
    "kz": _plain(425, (800, 3200), 400, 200),
    "de": _plain(425, _RING, 480, 240),
    "fi": _plain(425, _RING, 300, 200),
    "fr": _plain(440, (1500, 3500), 500, 250),
    "uk": Exchange(
        Sound((350, 440)),
        Sound((400, 450), (400, 200, 400, 2000)),
        Sound((400,), (375, 375)),
        Sound((400,), (400, 350, 225, 525)),
    ),
    "us": Exchange(
        Sound((350, 440)),
        Sound((440, 480), (2000, 4000)),
        Sound((480, 620), (500, 500)),
        Sound((480, 620), (250, 250)),
    ),
    # An old office exchange whose tones are no country's.
    "office": Exchange(
        Sound((425,)),
        Sound((425,), _RING),
        Sound((450,), (420, 180)),
        Sound((450,), (90, 90)),
        is_national=False,
    ),
    # The same with two sounds in turn, as the UK's congestion has them.
    "turns": Exchange(
        Sound((425,)),
        Sound((425,), _RING),
        Sound((400,), (400, 350, 225, 525)),
        Sound((400,), (90, 90)),
        is_national=False,
    ),
}


class FarState(Enum):
    IDLE = "idle"
    CALLING = "calling"  # it rings our line
    CALLED = "called"  # we ring it
    TALKING = "talking"
    HELD = "held"  # by a flash of ours, where the exchange has such a service
    GONE = "gone"  # it hung up, we have not


@dataclass
class FarEnd:
    """The other telephone. plan: what it does by itself when called: ``ring`` (waits for the
    test), ``answer``, ``busy``, ``congestion``, ``silence``."""

    plan: str = "ring"
    answers_after_s: float = 0.0
    state: FarState = FarState.IDLE
    calls_answered: int = 0
    _line: Line | None = None
    _heard: list[int] = field(default_factory=list)
    _voice: list[int] = field(default_factory=list)
    _voice_at: int = 0
    _repeats: bool = False

    def answer(self) -> None:
        """Lift while called."""
        self._changed_by(self._of_line().far_end_answered)

    def busy(self) -> None:
        """Refuse while called: busy tone."""
        self._changed_by(lambda: self._of_line().play_to_us("busy"))

    def congestion(self) -> None:
        self._changed_by(lambda: self._of_line().play_to_us("congestion"))

    def hang_up(self, clue: str = "busy") -> None:
        """Hang up. clue: how our side learns of it: ``busy congestion dial loop reversal silence``
        (loop and reversal: 1 s later busy tone as well, as exchanges do)."""
        self._changed_by(lambda: self._of_line().far_end_left(clue))

    def speaks(self, what: Path | Sequence[int] | Sound, *, repeats: bool = False) -> None:
        """Say this from now on (a WAV, samples, or a tone of 3 s); replaces what was being said."""
        with self._of_line().lock:
            if isinstance(what, Path):
                self._voice = read_wav(what)
            elif isinstance(what, Sound):
                self._voice = Player(what).take(3 * RATE_HZ)
            else:
                self._voice = list(what)
            self._voice_at, self._repeats = 0, repeats

    def hears(self, last_s: float = 0.0) -> list[int]:
        """Samples from our side since the call stood (or the last so many seconds of them)."""
        with self._of_line().lock:
            return self._heard[-int(last_s * RATE_HZ) :] if last_s else list(self._heard)

    def forget(self) -> None:
        """Hear anew from here."""
        with self._of_line().lock:
            self._heard.clear()

    def listen(self, samples: Sequence[int]) -> None:
        self._heard.extend(samples)
        del self._heard[: -600 * RATE_HZ]

    def voice(self, count: int) -> list[int]:
        said = self._voice[self._voice_at : self._voice_at + count]
        self._voice_at += count
        while self._repeats and self._voice and len(said) < count:
            self._voice_at = count - len(said)
            said += self._voice[: self._voice_at]
        return said + [0] * (count - len(said))

    def _of_line(self) -> Line:
        assert self._line is not None
        return self._line

    def _changed_by(self, action: Callable[[], None]) -> None:
        with self._of_line().lock:
            action()


class Line:
    """One pair of wires and the exchange at its end."""

    def __init__(self, country: str, lock: AbstractContextManager[object]) -> None:
        self.exchange = EXCHANGES[country]
        self.lock = lock
        self.far_end = FarEnd(_line=self)
        self.has_dial_tone = True
        self.dial_tone_after_s = 0.25
        self.known_numbers: set[str] = set()  # connected at their last digit, without a wait
        self.wants_pulse = False  # an old exchange: deaf to DTMF
        self.has_services = False  # a flash holds the far end, another takes it back
        self.is_off_hook = False
        self.times_lifted = 0
        self.lifted_at_s: list[float] = []
        self.flashes: list[int] = []
        self.is_extension_up = False
        self.dialled = ""
        self.level_db = -6.0  # of a far end's voice, on its way to us
        self.tell: Callable[[str], None] = lambda signal: None
        self.now_s = 0.0  # of this line's samples
        self._ear = KeyEar()
        self._player: Player | None = None
        self.tone_now = ""  # what the exchange plays to us
        self._is_collecting = False
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._ring_pattern = (1.0, 4.0)
        self._ring_at: float | None = None
        self._is_ringing = False
        self._open_until = -1.0
        self._left = (-9.0, FarState.IDLE)  # when our side hung up last, and on whom

    # ---- what a test does to it

    def ring(self, cadence_s: tuple[float, float] = (1.0, 4.0)) -> None:
        """The far end calls us."""
        self.far_end.state = FarState.CALLING
        self.far_end.forget()
        self._ring_pattern, self._ring_at = cadence_s, self.now_s

    def stop_ringing(self) -> None:
        """The caller gives up."""
        self._ring_at = None
        if self._is_ringing:
            self._is_ringing = False
            self.tell("ring_off")
        if self.far_end.state is FarState.CALLING:
            self.far_end.state = FarState.IDLE

    def reverse(self) -> None:
        self.tell("reversal")

    def open_loop(self, duration_ms: int) -> None:
        """CPC: no current for so long."""
        self._open_until = self.now_s + duration_ms / 1000
        self.tell("loop_open")
        self._after(duration_ms / 1000, lambda: self.tell("loop_closed"))

    def lift_extension(self) -> None:
        """The parallel telephone on the same wires is lifted."""
        self.is_extension_up = True
        self.tell("extension_up")

    def hang_extension(self) -> None:
        self.is_extension_up = False
        self.tell("extension_down")

    def far_end_answered(self) -> None:
        if self.far_end.state is FarState.CALLED:
            self._talk()

    def play_to_us(self, tone: str) -> None:
        """busy, congestion, dial or silence, whatever was there."""
        self._later.clear()
        sound = getattr(self.exchange, tone, None)
        self._player = Player(sound) if sound else None
        self.tone_now = tone
        self.tell(tone)
        if self.far_end.state in (FarState.CALLED, FarState.TALKING):
            self.far_end.state = FarState.GONE

    def far_end_left(self, clue: str) -> None:
        if self.far_end.state is FarState.CALLING:
            self.stop_ringing()
        elif self.far_end.state is not FarState.IDLE:
            self.far_end.state = FarState.GONE
            if clue == "loop":
                self.open_loop(500)
            elif clue == "reversal":
                self.reverse()
            else:
                self.play_to_us(clue)
                return
            self._after(1.0, lambda: self.play_to_us("busy"))

    # ---- what the modem does to it

    def lift(self) -> None:
        if self.is_off_hook:
            return
        self.is_off_hook = True
        self.times_lifted += 1
        if self._was_flash():
            return
        self.lifted_at_s.append(self.now_s)
        if self.far_end.state is FarState.CALLING:
            self._ring_at, self._is_ringing = None, False
            self._talk()
            return
        self.dialled, self._ear = "", KeyEar()
        self._after(self.dial_tone_after_s, self._offer_dial_tone)

    def hang(self) -> None:
        if not self.is_off_hook:
            return
        self._left = (self.now_s, self.far_end.state)
        self.is_off_hook, self._is_collecting, self._player = False, False, None
        self.tone_now = ""
        self._later.clear()
        self.far_end.state = FarState.IDLE

    def flash(self, duration_ms: int) -> None:
        """Our side opened the loop so long, and has it closed again."""
        self.flashes.append(duration_ms)
        if not self.has_services:
            return
        if self.far_end.state is FarState.TALKING:
            self.far_end.state, self.dialled = FarState.HELD, ""
            self._after(self.dial_tone_after_s, self._offer_dial_tone)
        elif self.far_end.state is FarState.HELD:
            self._later.clear()
            self._is_collecting = False
            self._talk()

    def _was_flash(self) -> bool:
        """Whether the lift ends a flash that was made by the hook."""
        at_s, state = self._left
        open_s = self.now_s - at_s
        is_flash = self.has_services and _FLASH_S[0] <= open_s <= _FLASH_S[1]
        if is_flash and state in (FarState.TALKING, FarState.HELD):
            self.far_end.state = state
            self.flash(round(open_s * 1000))
            return True
        return False

    def digit(self, digit: str) -> None:
        """A pulsed digit, or a key that the ear understood."""
        if not self._is_collecting or not self.is_off_hook:
            return
        self._player = None
        self.dialled += digit
        self._later.clear()
        wait_s = 0.0 if self.dialled in self.known_numbers else _AFTER_LAST_DIGIT_S
        self._after(wait_s + _CONNECT_S, self._connect)

    def pass_samples(self, sent: Sequence[int]) -> list[int]:
        """So many samples of time: what we send, what we get (zeros on-hook)."""
        count = len(sent)
        self.now_s += count / RATE_HZ
        self._do_what_is_due()
        self._ring_round()
        if not self.is_off_hook or self.now_s < self._open_until:
            return [0] * count
        if self._is_collecting and not self.wants_pulse:
            for key in self._ear.hear(sent):
                self.digit(key)
        if self.far_end.state is FarState.TALKING:
            self.far_end.listen(sent)
            gain = 10 ** (self.level_db / 20)
            return [int(sample * gain) for sample in self.far_end.voice(count)]
        return self._player.take(count) if self._player else [0] * count

    # ---- inside the exchange

    @property
    def is_ringing_now(self) -> bool:
        return self._is_ringing

    def _after(self, delay_s: float, action: Callable[[], None]) -> None:
        self._later.append((self.now_s + delay_s, action))

    def _do_what_is_due(self) -> None:
        due = [entry for entry in self._later if entry[0] <= self.now_s]
        for entry in due:
            if entry in self._later:
                self._later.remove(entry)
                entry[1]()

    def _offer_dial_tone(self) -> None:
        if self.has_dial_tone and self.is_off_hook:
            self._is_collecting = True
            self._player = Player(self.exchange.dial)

    def _connect(self) -> None:
        self._is_collecting = False
        if self.far_end.state is FarState.HELD:
            self.play_to_us("busy")  # whoever else is called talks
            self.far_end.state = FarState.HELD
            return
        self.far_end.state = FarState.CALLED
        self.far_end.forget()
        plan = self.far_end.plan
        if plan in ("busy", "congestion", "silence"):
            self.play_to_us(plan)
            return
        self._player = Player(self.exchange.ringback)
        if plan == "answer":
            self._after(self.far_end.answers_after_s, self.far_end_answered)

    def _talk(self) -> None:
        self._player = None
        self.far_end.state = FarState.TALKING
        self.far_end.calls_answered += 1
        self.far_end.forget()

    def _ring_round(self) -> None:
        if self._ring_at is None:
            return
        on, off = self._ring_pattern
        is_on = (self.now_s - self._ring_at) % (on + off) < on
        if is_on != self._is_ringing:
            self._is_ringing = is_on
            self.tell("ring_on" if is_on else "ring_off")
