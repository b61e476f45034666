"""The line doctor's examinations as jobs: one is begun, goes on by itself, and its end is kept.

Owns the last examination of each line since the daemon's start; whoever began it need not wait.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from appliance.errors import UserError

if TYPE_CHECKING:  # a box without lines need not load these
    from appliance.legs.lines.diagnosis import Diagnosis
    from appliance.lines.doctor import LineDoctor


log = logging.getLogger(__name__)


class Examinations:
    """``begin``, then ``wait`` for it or look at ``rows``."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[Diagnosis]] = {}

    async def begin(self, line: str, doctor: LineDoctor) -> None:
        """Raises UserError ``doctor.failed`` where the line cannot be had, or is examined now."""
        before = self._tasks.get(line)
        if before is not None and not before.done():
            raise UserError("doctor.failed", line=line, reason="line.checked")
        task = asyncio.get_running_loop().create_task(doctor.examine())
        task.add_done_callback(_note_defect)
        self._tasks[line] = task
        await asyncio.sleep(0)  # a line that is busy says so at once
        if task.done():
            self._outcome(line, task)

    async def wait(self, line: str) -> dict[str, Any]:
        """What was found. Raises UserError ``doctor.failed``."""
        task = self._tasks[line]
        await asyncio.wait([task])
        return self._outcome(line, task)

    def rows(self) -> list[dict[str, Any]]:
        """Each line's last one: ``line is_running findings proposed error``; error: None, or its
        ``key`` and ``params``."""
        return [self._row(line, task) for line, task in self._tasks.items()]

    def _row(self, line: str, task: asyncio.Task[Diagnosis]) -> dict[str, Any]:
        nothing: dict[str, Any] = {"line": line, "findings": [], "proposed": {}, "error": None}
        if not task.done():
            return nothing | {"is_running": True}
        try:
            return nothing | self._outcome(line, task) | {"is_running": False}
        except UserError as error:
            told = {"key": error.key, "params": error.params}
            return nothing | {"error": told, "is_running": False}

    def _outcome(self, line: str, task: asyncio.Task[Diagnosis]) -> dict[str, Any]:
        from drivers.api import LineError

        try:
            found = task.result()
        except LineError as error:
            raise UserError("doctor.failed", line=line, reason=error.key) from error
        except (
            Exception,
            asyncio.CancelledError,
        ) as error:  # other lines' rows are told all the same
            raise UserError("doctor.failed", line=line, reason="line.fault") from error
        findings = [
            {"key": f.key, "verdict": f.verdict.value, "params": dict(f.params)}
            for f in found.findings
        ]
        return {"line": line, "findings": findings, "proposed": dict(found.proposed)}


def _note_defect(task: asyncio.Task[Diagnosis]) -> None:
    """What is not the line's fault is ours."""
    from drivers.api import LineError

    if not task.cancelled() and not isinstance(error := task.exception(), LineError | None):
        log.error("the line doctor failed: our own defect", exc_info=error)
