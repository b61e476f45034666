"""What lines learn by themselves: their busy tone, seen once in state.db, then in the settings.

Owns what each line has seen, which outlives a restart. Each saving is a thread's, because the disk
is waited for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from appliance.config.busy_tone import BusyTone, parse_busy_tone
from appliance.config.model import Document
from appliance.config.store import change
from appliance.errors import DozvonError
from appliance.legs.lines.busy_learning import BusyLearning
from appliance.store.sightings import SightingStore

log = logging.getLogger(__name__)


class LineLearning:
    """The BusyMemory of lines. config: ``config.db``; seen: what was seen once; reload: puts a
    revision in force; spawn: runs a passing task."""

    def __init__(
        self,
        config: Path,
        seen: SightingStore,
        reload: Callable[[int | None], Awaitable[int]],
        spawn: Callable[[Awaitable[None]], None],
    ) -> None:
        self._config = config
        self._store = seen
        self._lines: dict[str, BusyLearning] = {}
        self._reload = reload
        self._spawn = spawn

    async def restore(self) -> None:
        """What was seen before the box was started; nothing where that cannot be read."""
        try:
            kept = await self._store.load()
        except DozvonError as error:
            log.warning("what lines saw of busy tones is forgotten: %s", error)
            return
        for line, (text, times) in kept.items():
            if (tone := parse_busy_tone(text)) is not None:
                self._lines[line] = BusyLearning(tone, times)

    def of(self, line: str) -> BusyLearning:
        return self._lines.setdefault(line, BusyLearning())

    def saw(self, line: str) -> None:
        """Survives a restart; a disk that takes nothing is no reason to fail."""
        learning = self.of(line)
        if learning.seen is not None:
            self._store.put(line, str(learning.seen), learning.times)

    def learn(self, line: str, tone: BusyTone) -> None:
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
