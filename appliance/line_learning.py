"""What lines learn by themselves, written into the settings: their busy tone.

Owns nothing. Each saving is a thread's, because the disk is waited for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from appliance.config.busy_tone import BusyTone
from appliance.config.model import Document
from appliance.config.store import change
from appliance.errors import DozvonError

log = logging.getLogger(__name__)


class LineLearning:
    """config: ``config.db``; reload: puts a revision in force; spawn: runs a passing task."""

    def __init__(
        self,
        config: Path,
        reload: Callable[[int | None], Awaitable[int]],
        spawn: Callable[[Awaitable[None]], None],
    ) -> None:
        self._config = config
        self._reload = reload
        self._spawn = spawn

    def learn_busy(self, line: str, tone: BusyTone) -> None:
        """The line's busy tone from now on; what cannot be saved is learned another time."""
        self._spawn(self._keep(line, tone))

    async def _keep(self, line: str, tone: BusyTone) -> None:
        try:
            edit = partial(with_busy_tone, line=line, tone=tone)
            note = f"{line}: {tone}"
            revision = await asyncio.to_thread(change, self._config, edit, "line", note)
            await self._reload(revision)
        except DozvonError as error:
            log.error("line %s: its busy tone %s was not kept: %s", line, tone, error)
        else:
            log.info("line %s: learned its busy tone, %s", line, tone)


def with_busy_tone(document: Document, line: str, tone: BusyTone) -> Document:
    """The settings in which this line knows the tone; a line that is gone learns nothing."""
    lines = (
        replace(each, busy_tone=str(tone)) if each.name == line else each for each in document.lines
    )
    return replace(document, lines=tuple(lines))
