"""The line doctor: one free city line is seized, listened to, and let go; what it is like is told.

Owns the line while it looks (FxoDesk.begin_check): no call takes it, but an emergency does at once.
It dials only when it is given a number. What the sounds mean is pure (legs/lines/diagnosis.py).
"""

from __future__ import annotations

import asyncio

from appliance.config.busy_tone import BusyTone
from appliance.legs.lines.busy_learning import tone_of
from appliance.legs.lines.diagnosis import (
    Diagnosis,
    Observations,
    Sound,
    call_watches,
    diagnose,
    dial_watches,
    fitting,
    sound_of,
)
from appliance.legs.lines.dialogue import Heard, LineDialogue
from appliance.legs.lines.fxo_desk import FxoDesk
from appliance.legs.lines.post import LinePost
from appliance.legs.lines.progress import DEAF_S
from appliance.media.api import CadenceHeard, Listening, MediaEvent, ToneHeard, ToneWatch
from drivers.api import LineError
from drivers.country import country_codes, country_profile
from drivers.events import LineEvent, LoopBroken, PolarityReversed

DIAL_TONE_S = 5.0
#: Two periods of the slowest ringing tone, the digits' own time and an answer.
CALL_S = 20.0
_AFTER_REVERSAL_S = 1.0
#: A busy tone of any country is known before that: this one is nobody's.
_UNKNOWN_MS = 3500
_ENDS = ("busy", "congestion", "sit")


class LineDoctor:
    """One examination. number: called if not empty."""

    def __init__(self, post: LinePost, desk: FxoDesk, number: str) -> None:
        self._post = post
        self._desk = desk
        self._number = number
        self._profiles = tuple(country_profile(code) for code in country_codes())
        self._heard = LineDialogue(post, desk.port)
        self._sounds: list[Sound] = []
        self._reversals: list[float] = []
        self._loop_breaks: list[int] = []
        self._rhythm: BusyTone | None = None

    async def examine(self) -> Diagnosis:
        """Raises LineError: the line is busy, rings, or was taken away; it is on-hook then too."""
        post, port = self._post, self._desk.port
        caller = post.last_caller
        self._desk.begin_check(self)
        is_ours = True  # a ring that came first is a caller's
        try:
            await port.seize()
            dial = await self._hear_dial_tone()
            if self._number and dial is not None:
                await self._call(dial)
            statistics = post.audio.statistics()
        except LineError as error:
            is_ours = error.key != "line.glare"
            raise
        finally:
            await asyncio.shield(self._desk.end_check(was_seized=is_ours))
        seen = Observations(
            dial,
            bool(self._number) and dial is not None,
            tuple(self._sounds),
            tuple(self._reversals),
            tuple(self._loop_breaks),
            statistics.erle_db if statistics is not None else None,
            statistics.echo_delay_ms if statistics is not None else None,
            caller.source if caller is not None else "",
            self._rhythm,
            post.busy.seen,
        )
        country = post.profile.country
        return diagnose(seen, post.line, country, port.capabilities, self._profiles)

    # ---- the line's side

    def on_line_event(self, event: LineEvent) -> None:
        self._heard.put(event)

    def on_media_event(self, event: MediaEvent) -> None:
        self._heard.put(event)

    def lost(self) -> None:
        """The port is gone, or somebody needs the line more."""
        self._heard.lose()

    # ---- what is done

    async def _hear_dial_tone(self) -> Sound | None:
        watches = dial_watches(self._profiles)
        await self._post.audio.open()
        begun = self._now()
        self._post.audio.listen(Listening(tones=watches))

        def is_dial(heard: Heard) -> bool:
            return isinstance(heard, ToneHeard) and self._sound(heard, watches, begun) is not None

        heard = await self._heard.until(is_dial, DIAL_TONE_S)
        if not isinstance(heard, ToneHeard):
            return None
        return self._sound(heard, watches, begun + heard.on_ms / 1000)

    async def _call(self, dial: Sound) -> None:
        """Dial, and hear what comes until the exchange has said its last word."""
        await self._heard.dial(self._number, self._post.audio.open)
        watches = call_watches(fitting(dial, self._profiles) or (self._post.profile,))
        self._post.audio.listen(Listening(tones=watches, cadence=True))
        begun = self._now()
        deadline = begun + CALL_S
        least_ms = self._post.profile.disconnect.loop_break_ms
        while (heard := await self._heard.next(deadline - self._now())) is not None:
            if isinstance(heard, ToneHeard):
                sound = self._sound(heard, watches, begun)
                if sound is not None:
                    self._sounds.append(sound)
                    if sound.tone in _ENDS:
                        return
            elif isinstance(heard, CadenceHeard):
                if heard.lasted_ms >= _UNKNOWN_MS:
                    self._rhythm = tone_of(heard)
                    return
            elif self._now() - begun < DEAF_S:
                continue  # what the line does at the dialling itself says nothing
            elif isinstance(heard, LoopBroken):
                if heard.duration_ms >= least_ms:
                    self._loop_breaks.append(heard.duration_ms)
            elif isinstance(heard, PolarityReversed):
                self._reversals.append(self._now() - begun)
                deadline = min(deadline, self._now() + _AFTER_REVERSAL_S)

    def _sound(
        self, event: ToneHeard, watches: tuple[ToneWatch, ...], since: float
    ) -> Sound | None:
        return sound_of(event, watches, self._now() - since)

    def _now(self) -> float:
        return self._post.parts.legs.clock.now()
