"""Flashing a city line: our side opens the loop for a moment, and the exchange does the rest.

Owns the flashes of one call, one after the other. How long is the country's; whether a device can
do it so exactly, its own capability. Where the audio must be closed for it, it is opened anew
afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from appliance.legs.lines.post import LinePost, quietly
from drivers.api import Capabilities, LineError, Port
from drivers.country import HookPlan

if TYPE_CHECKING:
    from appliance.legs.lines.fxo_ending import FxoEnding

log = logging.getLogger(__name__)
#: What a device that flashes coarsely may be off by, either way (drivers.api.Capabilities).
COARSE_MS = 100
_MOST_WANTED = 3  # a key that bounces, a phone that floods


def why_no_flash(can: Capabilities, hook: HookPlan) -> str:
    """Why this line cannot be flashed, as a key of routing/line_texts.py; empty = it can.

    A break beyond the window is a hang-up for the exchange, and one before it nothing, or a digit.
    """
    if not can.flash:
        return "line.no_flash"
    off_by_ms = COARSE_MS if can.flash_is_coarse else 0
    least, longest = hook.flash_ms
    is_sure = least + off_by_ms <= hook.flash_send_ms <= longest - off_by_ms
    return "" if is_sure else "line.coarse_flash"


class LineFlash:
    """Of one call. reopen: the audio, for the leg that has it, unless the call is over."""

    def __init__(
        self, post: LinePost, port: Port, ending: FxoEnding, reopen: Callable[[], Awaitable[None]]
    ) -> None:
        self._post = post
        self._port = port
        self._ending = ending
        self._reopen = reopen
        self._wanted = 0
        self._is_at_it = False

    def ask(self) -> None:
        """Flash, after those that were asked for before. Raises LineError ``line.no_call
        line.no_flash line.coarse_flash``."""
        name = self._post.line.name
        if not self._ending.is_watched:
            raise LineError("line.no_call", name)
        if why := why_no_flash(self._port.capabilities, self._post.profile.hook):
            raise LineError(why, name)
        self._wanted = min(self._wanted + 1, _MOST_WANTED)
        if not self._is_at_it:
            self._is_at_it = True
            self._post.spawn(self._work())

    def press(self) -> None:
        """The party's telephone has flashed; what cannot be is logged."""
        try:
            self.ask()
        except LineError as error:
            log.warning("line not flashed: %s", error)

    def drop(self) -> None:
        """The call is over: none more is begun; the port's release cuts one that goes on."""
        self._wanted = 0

    async def _work(self) -> None:
        while self._wanted:
            self._wanted -= 1
            await quietly(self._flash(), self._post.line.name)
        self._is_at_it = False

    async def _flash(self) -> None:
        duration_ms = self._post.profile.hook.flash_send_ms
        log.info("line %s: flash of %d ms", self._post.line.name, duration_ms)
        self._ending.flashed()
        try:
            if self._port.capabilities.flash_is_silent:
                await self._in_silence(duration_ms)
            else:
                await self._port.flash(duration_ms)
        finally:
            self._ending.flashed()

    async def _in_silence(self, duration_ms: int) -> None:
        await self._post.audio.close()
        try:
            await self._port.flash(duration_ms)
        finally:
            await self._reopen()
