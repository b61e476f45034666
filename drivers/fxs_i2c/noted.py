"""Which boards are in use, noted where a restart of the machine forgets it.

Owns the folder i2c-boards in systemd's RuntimeDirectory: one empty file a board, whose name says
where it is (``1:0x20?map=quad-a``), made and removed at once and never half written. Whoever comes
after a killed daemon reads there what to silence. Without a RuntimeDirectory nothing is noted.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote, unquote

from drivers.fxs_i2c.place import Place

FOLDER = "i2c-boards"


def folder() -> Path | None:
    """Where boards are noted; None when nobody gave us such a place."""
    given = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(given) / FOLDER if given else None


def note(place: Place) -> None:
    """Before the first word to the board."""
    if (where := folder()) is not None:
        where.mkdir(mode=0o700, exist_ok=True)
        (where / quote(text_of(place), safe="")).touch()


def forget(place: Place) -> None:
    """After it was silenced for good."""
    if (where := folder()) is not None:
        (where / quote(text_of(place), safe="")).unlink(missing_ok=True)


def noted() -> list[str]:
    """Places as ``text_of`` writes them."""
    where = folder()
    return (
        sorted(unquote(file.name) for file in where.iterdir()) if where and where.is_dir() else []
    )


def text_of(place: Place) -> str:
    """All that silencing needs."""
    return f"{place.bus}:{place.address:#x}?map={place.board.name}"
