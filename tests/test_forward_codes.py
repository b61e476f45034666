"""What codes of forwarding set is a revision of the settings: it is there after a restart."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from appliance import forward_codes as module
from appliance.apps import forward as app
from appliance.config.model import Extension
from appliance.config.store import ConfigStore
from appliance.errors import UserError
from appliance.forward_codes import ALL, MOST_CHANGES, WITHIN_S, ForwardCodes
from tests.kit.office import office
from tests.kit.stage import document_of


class Box:
    """config.db, and what was reloaded."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.db"
        self.now = 1000.0
        self.reloaded: list[int | None] = []
        self.why_not: UserError | None = None
        data = office()
        del data["format"]
        store = ConfigStore(self.path)
        store.save(document_of(data), store.load()[0], "test", "an office")
        store.close()
        self.codes = ForwardCodes(self.path, lambda: self.now, self._reload)

    async def _reload(self, revision: int | None) -> int:
        if self.why_not is not None:
            raise self.why_not
        self.reloaded.append(revision)
        return revision or 0

    def dial(self, extension: str, field: str, target: str = "") -> str:
        return asyncio.run(self.codes.change(extension, field, target))

    def after_a_restart(self, number: str = "2001") -> Extension:
        store = ConfigStore(self.path)
        found = store.load()[1].extension_by_number[number]
        store.close()
        return found

    @property
    def revisions(self) -> list[tuple[str, str]]:
        store = ConfigStore(self.path)
        found = [(entry.author, entry.note) for entry in store.history()]
        store.close()
        return found


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_what_is_set_is_in_force_and_outlives_a_restart(box: Box) -> None:
    assert box.dial("2001", "forward_always", "2002") == app.SET
    assert box.dial("2001", "forward_no_answer", "+79031234567") == app.SET
    found = box.after_a_restart()
    assert (found.forward_always, found.forward_no_answer) == ("2002", "+79031234567")
    assert len(box.reloaded) == 2
    assert box.revisions[0] == ("forwarding code", "2001: forward_no_answer +79031234567")


def test_one_code_ends_one_and_another_all(box: Box) -> None:
    for field in ("forward_always", "forward_busy", "forward_offline"):
        box.dial("2001", field, "2002")
    assert box.dial("2001", "forward_busy") == app.ENDED
    found = box.after_a_restart()
    assert (found.forward_always, found.forward_busy, found.forward_offline) == ("2002", "", "2002")
    assert box.dial("2001", ALL) == app.ENDED
    found = box.after_a_restart()
    assert (found.forward_always, found.forward_busy, found.forward_offline) == ("", "", "")


def test_a_circle_is_refused_and_nothing_is_kept(box: Box) -> None:
    assert box.dial("2001", "forward_always", "2002") == app.SET
    assert box.dial("2002", "forward_always", "2001") == app.REFUSED
    assert box.after_a_restart("2002").forward_always == ""


def test_the_same_again_makes_no_revision(box: Box) -> None:
    box.dial("2001", "forward_always", "2002")
    count = len(box.revisions)
    assert box.dial("2001", "forward_always", "2002") == app.SET
    assert len(box.revisions) == count


def test_nobody_pushes_the_offices_revisions_out_by_his_keypad(box: Box) -> None:
    for turn in range(MOST_CHANGES):
        assert box.dial("2001", "forward_always", ("2002", "2003")[turn % 2]) == app.SET
    assert box.dial("2001", "forward_always", "2002") == app.LATER
    assert box.dial("2003", "forward_always", "2002") == app.SET  # others are not hindered
    box.now += WITHIN_S
    assert box.dial("2001", ALL) == app.ENDED


def test_what_the_box_does_not_take_is_said(box: Box) -> None:
    box.why_not = UserError("config.busy")
    assert box.dial("2001", "forward_always", "2002") == app.LATER


def test_an_extension_that_is_gone_changes_nothing(box: Box) -> None:
    before = box.revisions
    box.dial("2099", "forward_always", "2002")
    assert box.revisions == before


def test_who_hangs_up_early_has_it_all_the_same(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    is_saving, may_go_on = threading.Event(), threading.Event()
    change = module.change

    def slow(*arguments: Any) -> int:
        is_saving.set()
        assert may_go_on.wait(10)
        return change(*arguments)

    monkeypatch.setattr(module, "change", slow)

    async def main() -> None:
        caller = asyncio.create_task(box.codes.change("2001", "forward_always", "2002"))
        await asyncio.to_thread(is_saving.wait, 10)
        caller.cancel()
        await asyncio.wait([caller])
        may_go_on.set()
        await box.codes._unbroken.settle(10.0)

    asyncio.run(main())
    assert box.after_a_restart().forward_always == "2002"
    assert box.reloaded == [2]
