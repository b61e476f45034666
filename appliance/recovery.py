"""What the last run left is taken over, and what state.db is in trouble with is told.

Owns nothing: it moves from the store into the live tables at start, and alerts while the box runs.
A disk that gives or takes nothing costs what is on it for now, never the start: the box must ring.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from appliance.alerts import Alerts
from appliance.clock import Clock
from appliance.configuration import Configuration
from appliance.errors import StoreError
from appliance.exchange import Exchange
from appliance.spending.history import moment, take_in
from appliance.store.database import indexes_fit, make_indexes, reading
from appliance.store.dialog_codec import Kept
from appliance.store.dialogs import DialogStore
from appliance.store.journal import Journal
from appliance.store.outgoing import outgoing_since
from appliance.store.registrations import RegistrationStore
from appliance.store.soundness import count_rotten, drop_rotten
from appliance.store.spare import write_spare
from appliance.store.trouble import DISK_FULL
from appliance.store.writer import StateWriter

log = logging.getLogger(__name__)
T = TypeVar("T")
_FIRST_SPARE_S = 600.0
_SPARE_EVERY_S = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class RecoveryParts:
    """What is taken over, and by whom."""

    loop: asyncio.AbstractEventLoop
    clock: Clock
    alerts: Alerts
    configuration: Configuration
    state: StateWriter
    journal: Journal
    bindings: RegistrationStore
    dialogs: DialogStore
    exchange: Exchange
    spawn: Callable[[Awaitable[None]], None]


class Recovery:
    """``begin`` at start; afterwards it listens to the writer."""

    def __init__(self, parts: RecoveryParts) -> None:
        self._parts = parts
        self._told_aside = ""
        self._trouble = ""

    async def begin(self) -> list[Kept]:
        """Take over damaged files, cut calls, registered phones and what was spent.

        Returns the calls in which somebody still believes to be talking, or still rings.
        """
        parts = self._parts
        parts.state.on_trouble = self._on_trouble
        self._follow(parts.state.trouble)
        if parts.state.lost_tail is not None:
            parts.alerts.raise_("state_tail_lost", parts.state.lost_tail.name)
        for problem in parts.configuration.alerts:
            parts.alerts.raise_(problem.key, ", ".join(problem.params.values()))
        recovered = await _or_nothing(parts.journal.recover(parts.clock.wall()), [])
        if recovered:
            parts.alerts.raise_("calls_cut", str(len(recovered)))
        bindings = await _or_nothing(parts.bindings.load(parts.clock.wall()), [])
        parts.exchange.registrar.restore(bindings, parts.clock.wall())
        numbers = parts.configuration.snapshot.document.extension_by_number
        parts.exchange.registrations.forget_strangers(numbers)
        await _or_nothing(self._recall_spending(), None)
        left = await _or_nothing(parts.dialogs.load(), [])
        parts.spawn(self._look_through())
        parts.spawn(self._renew_spare())
        return left

    async def _look_through(self) -> None:
        """Find rows that rotted, beside everything else: a long journal takes its time."""
        parts = self._parts
        try:
            damaged, do_fit = await asyncio.to_thread(look_through, parts.state.path)
        except StoreError as error:
            log.error("state.db was not looked through: %s", error)
            return
        if not do_fit:
            log.error("an index of %s had rotted and is made anew", parts.state.path)
            parts.state.post(make_indexes, "indexes of the journal")
        if calls := damaged.pop("calls", 0):
            parts.alerts.raise_("journal_rows_damaged", str(calls))
        if damaged:
            parts.state.post(drop_rotten, "the removal of rows that rotted")
            counts = ", ".join(f"{table} {count}" for table, count in damaged.items())
            parts.alerts.raise_("state_rows_damaged", counts)

    async def _recall_spending(self) -> None:
        """Put this day's and this hour's paid calls back on their accounts."""
        parts = self._parts
        snapshot = parts.configuration.snapshot
        zone = snapshot.document.site.timezone
        at = moment(parts.clock.wall(), parts.clock.now(), zone)
        calls = await outgoing_since(parts.state, at.since)
        take_in(parts.exchange.live.spending, calls, snapshot, at)

    async def _renew_spare(self) -> None:
        """Keep the copy of the journal fresh while the box runs."""
        await asyncio.sleep(_FIRST_SPARE_S)
        while True:
            await asyncio.to_thread(renew_spare, self._parts.state.path)
            await asyncio.sleep(_SPARE_EVERY_S)

    # ---- trouble

    def _on_trouble(self, key: str) -> None:
        """In the writer's thread."""
        self._parts.loop.call_soon_threadsafe(self._follow, key)

    def _follow(self, key: str) -> None:
        """Raise and withdraw alerts as the disk refuses and takes again."""
        alerts, state = self._parts.alerts, self._parts.state
        aside = state.set_aside
        if aside is not None and aside.name != self._told_aside:
            self._told_aside = aside.name
            alerts.raise_("state_damaged", aside.name)
        raised = "disk_full" if key == DISK_FULL else "disk_fails" if key else ""
        if raised == self._trouble:
            return
        if self._trouble:
            alerts.withdraw(self._trouble)
        self._trouble = raised
        alerts.raise_(raised or "disk_works_again", state.path.name)


def renew_spare(path: Path) -> None:
    """Copy the journal, also at the end of the box; a disk that does not take it is logged."""
    try:
        write_spare(path)
    except (sqlite3.Error, OSError) as error:
        log.error("no copy of %s was made: %s", path, error)


def look_through(path: Path) -> tuple[dict[str, int], bool]:
    """How many rows of which tables rotted, and whether the indexes fit."""
    with reading(path) as connection:
        return count_rotten(connection), indexes_fit(connection)


async def _or_nothing(work: Awaitable[T], nothing: T) -> T:
    """What was kept, or nothing while the disk does not give it."""
    try:
        return await work
    except StoreError as error:
        log.error("%s", error)
        return nothing
