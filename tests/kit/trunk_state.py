"""What a running box says of its trunks."""

from __future__ import annotations

from typing import Any

from tests.kit.box import Box
from tests.kit.processes import wait_until


def state_of(box: Box, name: str) -> dict[str, Any]:
    """The trunk's row of ``dozvon trunks``."""
    rows: list[dict[str, Any]] = box.control("trunks")["trunks"]
    return next(row for row in rows if row["name"] == name)


def wait_for_state(box: Box, name: str, state: str, why: str = "", timeout_s: float = 8) -> None:
    """Until the box tells this state of a trunk, with this reason."""
    wait_until(
        lambda: (row := state_of(box, name))["state"] == state and row["why"] == why,
        timeout_s,
        f"trunk {name} is {state} {why}",
        lambda: f"{state_of(box, name)}\n{box.program.tail()}",
    )
