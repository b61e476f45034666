"""The configuration in force: loads revisions, swaps the snapshot, tells who must follow.

Owns the current Snapshot. Live calls keep the one that they began with (law 4), so that saving a
setting never touches a call. Reads config.db; only a factory document or ``--config`` at start
writes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from appliance.config.checking import problems_of
from appliance.config.in_force import InForce
from appliance.config.model import Document, Snapshot
from appliance.config.presets import factory_document, make_snapshot
from appliance.config.store import ConfigStore
from appliance.config.validate import refusals
from appliance.errors import ConfigErrors, StoreError

log = logging.getLogger(__name__)


class Configuration:
    """The snapshot that new calls get."""

    def __init__(self, store: ConfigStore) -> None:
        self._store = store
        self._followers: list[Callable[[Snapshot], None]] = []
        revision, document = store.load()
        self.alerts = tuple(store.alerts)
        self._in_force = InForce(make_snapshot(revision, document))
        #: Gives the snapshot in force.
        self.current: Callable[[], Snapshot] = self._in_force.current

    @property
    def snapshot(self) -> Snapshot:
        return self._in_force.snapshot

    def follow(self, follower: Callable[[Snapshot], None]) -> None:
        """Call this with every new snapshot."""
        self._followers.append(follower)

    async def catch_up(self, saved: int | None) -> int:
        """Put in force what somebody saved, or what others saved since (None = the newest).

        Of two who save at once the later settings stay, in whatever order the two tell us.
        """
        is_news = saved is not None and saved > self.snapshot.revision
        return await self.reload(saved if is_news else None)

    async def reload(self, revision: int | None) -> int:
        """Put a revision in force (None = the newest); raises ConfigErrors and changes nothing.

        The whole document is checked again: a file that a broken disk changed must not be obeyed.
        """
        found, document = self._store.load(revision)
        problems = refusals(problems_of(document))
        if problems:
            raise ConfigErrors(problems)
        snapshot = make_snapshot(found, document)
        self._in_force.snapshot = snapshot
        for follower in self._followers:
            follower(snapshot)
        log.info("configuration revision %d is in force", found)
        return found


def prepare_store(store: ConfigStore, config: Path | None) -> None:
    """See to it that there is something to load: ``--config FILE``, or the factory document.

    Raises ConfigErrors when the file is refused; the box then keeps what it had and does not start.
    """
    _repair(store)
    if config is not None:
        from appliance.config.yaml_file import read_yaml  # 15 ms, which few starts need

        save_if_new(store, read_yaml(config), f"from {config.name}")
    elif store.load()[0] == 0:
        save_if_new(store, factory_document(), "factory settings")


def _repair(store: ConfigStore) -> None:
    """Begin a new database with what a damaged one, or its copy, still gives.

    Where not even that can be written, the box runs by what could be read.
    """
    try:
        aside = store.set_aside()
    except (OSError, StoreError) as error:
        log.error("config.db is damaged and cannot be begun anew: %s", error)
        return
    if aside is not None:
        log.error("config.db was damaged: it is kept as %s, and a new one begins", aside)


def save_if_new(store: ConfigStore, document: Document, note: str) -> None:
    """Save a document as a new revision unless it is the newest one already."""
    base, newest = store.load()
    if base and newest == document:
        return
    store.save(document, base, "start", note)
