"""What the router is to tell phones, and what it really tells, as the page shows it. PURE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appliance.commands.dhcp_words import READERS, VERDICTS
from appliance.commands.words import word

_PILLS = {"right": "ok", "missing": "idle", "other": "bad"}


@dataclass(frozen=True, slots=True)
class Option:
    """One value with the options that hold it. codes: as ``66, 43``; readers: brands."""

    codes: str
    text: str
    hexadecimal: str
    readers: str


@dataclass(frozen=True, slots=True)
class Row:
    """One option of one server. said: what it told, or empty."""

    server: str
    code: int
    pill: str
    text: str
    said: str


@dataclass(frozen=True, slots=True)
class Check:
    """outcome: ``none`` (nobody answered), ``good``, ``other`` (another box or place is named) or
    ``missing``; servers: of those that do not tell of us."""

    outcome: str
    rows: tuple[Row, ...]
    servers: str


def options_of(answer: Any) -> list[Option]:
    """Rows of the same value are one; answer: of the operation ``dhcp_options``, or None."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in (answer or {}).get("options", ()):
        found.setdefault(row["text"], []).append(row)
    return [_option(rows) for rows in found.values()]


def _option(rows: Sequence[Mapping[str, Any]]) -> Option:
    brands = [brand for row in rows for brand in READERS.get(row["code"], "").split(", ")]
    codes = ", ".join(str(row["code"]) for row in rows)
    return Option(codes, rows[0]["text"], rows[0]["hex"], ", ".join(dict.fromkeys(brands)))


def findings_of(answer: Mapping[str, Any], language: str) -> Check:
    """answer: of the operation ``dhcp_check``."""
    told = answer["findings"]
    rows = tuple(
        Row(
            row["server"],
            row["code"],
            _PILLS.get(row["verdict"], "idle"),
            word(VERDICTS, row["verdict"], language),
            row["said"],
        )
        for row in told
    )
    good = {row["server"] for row in told if row["verdict"] == "right"}
    bad = sorted({row["server"] for row in told} - good)
    has_other = any(row["verdict"] == "other" for row in told if row["server"] in bad)
    outcome = "none" if not told else "good" if answer["is_good"] else "missing"
    return Check("other" if outcome == "missing" and has_other else outcome, rows, ", ".join(bad))
