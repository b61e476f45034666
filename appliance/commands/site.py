"""Which language and time zone the office speaks, for commands that were not told.

Owns nothing: reads config.db and never makes or changes it. A folder without settings, or with
damaged ones, speaks English in the machine's own zone, because a command must still answer.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.errors import DozvonError

LANGUAGES = ("ru", "en")


@dataclass(frozen=True, slots=True)
class Manner:
    """How to speak: language is ``ru`` or ``en``; zone is where the office's clock hangs."""

    language: str
    zone: tzinfo


def manner_of(folder: Path | str, language: str = "") -> Manner:
    """The office's manner; a language that was asked for wins."""
    path = Path(folder) / "config.db"
    if not os.path.exists(path):  # nor, for whoever may not look into the folder
        return Manner(language or "en", _own_zone())
    from appliance.config.store import ConfigStore  # a fifth of a start; run loads it in its turn

    try:
        store = ConfigStore(path)
        try:
            site = store.load()[1].site
        finally:
            store.close()
        return Manner(language or site.language, ZoneInfo(site.timezone))
    except (DozvonError, OSError, ValueError):
        return Manner(language or "en", _own_zone())


def language_of_environment(environ: Mapping[str, str] = os.environ) -> str:
    """``ru`` or ``en`` by the first of LC_ALL, LC_MESSAGES and LANG that is set; else empty."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name, ""):
            code = value[:2].lower()
            return code if code in LANGUAGES else ""
    return ""


def _own_zone() -> tzinfo:
    return datetime.now().astimezone().tzinfo or UTC
