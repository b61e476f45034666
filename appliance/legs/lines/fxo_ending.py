"""What tells, in one call on a city line or a SIM, that the far end is gone.

Owns what was heard for it: the signs of the line's settings (progress.HangUps) and the rhythm
that nobody knows (busy_learning.Standing). Once our side has flashed, the exchange's tones speak to
somebody who is there: they end the call only when they go on and on.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from appliance.legs.lines import listening
from appliance.legs.lines.busy_learning import Standing
from appliance.legs.lines.progress import HangUps, Patience
from appliance.media.api import CadenceHeard, ToneHeard
from drivers.events import LineEvent

if TYPE_CHECKING:
    from appliance.legs.lines.post import LinePost

log = logging.getLogger(__name__)


class FxoEnding:
    """One call's. is_cellular: its device says when the call is over."""

    def __init__(self, post: LinePost, *, is_cellular: bool) -> None:
        self._post = post
        self._is_cellular = is_cellular
        self._hang_ups: HangUps | None = None
        self._standing = Standing()
        self._patience: Patience | None = None  # our side has flashed

    @property
    def is_watched(self) -> bool:
        """Whether the far end may be gone already; before that a call out is not up."""
        return self._hang_ups is not None

    def watch(self) -> None:
        """From now on the far end may be gone."""
        line, profile = self._post.line, self._post.profile
        least_ms = profile.disconnect.loop_break_ms
        self._hang_ups = HangUps(
            line.hangs_up_on, least_ms, self._now(), is_cellular=self._is_cellular
        )
        self._listen()

    def flashed(self) -> None:
        """Our side opens the loop, or has just closed it again."""
        if self._hang_ups is not None:
            self._hang_ups.be_deaf(self._now())
        self._patience = Patience()

    def listen_again(self) -> None:
        """The audio was opened anew."""
        if self._hang_ups is not None:
            self._listen()

    def is_told_by(self, event: LineEvent) -> bool:
        """Whether the line or its device says so."""
        return self._hang_ups is not None and self._hang_ups.is_by(event, self._now())

    def is_heard_in(self, event: ToneHeard) -> bool:
        """Whether a tone says so; asked while the call is watched."""
        if self._hang_ups is None or not self._hang_ups.hear(event.tone):
            return False
        if self._patience is not None and not self._patience.is_over(event.tone, self._now()):
            self._listen()  # a tone is told once: be told again
            return False
        log.info("line %s: hung up, %s heard", self._post.line.name, event.tone)
        self._standing = Standing()  # a known tone: there is nothing to learn
        return True

    def stands(self, event: CadenceHeard) -> bool:
        """Whether a rhythm of no country sounds for so long that nobody can be there."""
        is_endless = self._standing.hear(event, self._now())
        if is_endless:
            log.info("line %s: a rhythm of the exchange stands", self._post.line.name)
        return is_endless

    def learn(self) -> None:
        """The call ends; what still sounds may be busy tone here, but for a flash's answers."""
        tone = self._standing.tone(self._now())
        if tone is not None and self._patience is None:
            self._post.ended_by(tone)

    def _listen(self) -> None:
        self._post.audio.listen(listening.in_call(self._post.profile, self._post.line))

    def _now(self) -> float:
        return self._post.parts.legs.clock.now()
