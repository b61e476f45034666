"""What codes of forwarding set, kept in the settings: the page of the extension shows it, and it
outlives a restart.

Owns how often each extension has changed it lately: every change is a revision, and nobody shall
push the office's own out of the history by his keypad. Saving is a thread's, because the disk is
waited for.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from appliance.apps import forward as app
from appliance.config.checks.forwards import FIELDS
from appliance.config.model import Document
from appliance.config.store import change
from appliance.errors import ConfigErrors, DozvonError
from appliance.unbroken import Unbroken

log = logging.getLogger(__name__)
ALL = "all"
MOST_CHANGES, WITHIN_S = 10, 3600.0


class ForwardCodes:
    """config: ``config.db``; now: monotonic seconds; reload: puts a revision in force."""

    def __init__(
        self,
        config: Path,
        now: Callable[[], float],
        reload: Callable[[int | None], Awaitable[int]],
    ) -> None:
        self._config = config
        self._now = now
        self._reload = reload
        self._changed: dict[str, deque[float]] = {}
        self._unbroken = Unbroken()

    async def change(self, extension: str, field: str, target: str) -> str:
        """Forward to the target, or end it where there is none; the prompt that says what came."""
        if not self._may_change(extension):
            log.warning("extension %s changes its forwarding too often", extension)
            return app.LATER
        return await self._unbroken.run(self._change(extension, field, target))

    async def _change(self, extension: str, field: str, target: str) -> str:
        edit = partial(with_forward, extension=extension, field=field, target=target)
        note = f"{extension}: {field} {target or '-'}"
        try:
            revision = await asyncio.to_thread(change, self._config, edit, "forwarding code", note)
            await self._reload(revision)
        except ConfigErrors as error:
            log.warning("extension %s: forwarding was refused: %s", extension, error)
            return app.REFUSED
        except DozvonError as error:
            log.error("extension %s: forwarding was not kept: %s", extension, error)
            return app.LATER
        log.info("forwarding of %s", note)
        return app.SET if target else app.ENDED

    def _may_change(self, extension: str) -> bool:
        now = self._now()
        lately = self._changed.setdefault(extension, deque(maxlen=MOST_CHANGES))
        if len(lately) == MOST_CHANGES and lately[0] > now - WITHIN_S:
            return False
        lately.append(now)
        return True


def with_forward(document: Document, extension: str, field: str, target: str) -> Document:
    """The settings in which this extension forwards so; one that is gone changes nothing."""
    fields: dict[str, Any] = dict.fromkeys(FIELDS if field == ALL else (field,), target)
    extensions = (
        replace(each, **fields) if each.number == extension else each
        for each in document.extensions
    )
    return replace(document, extensions=tuple(extensions))
