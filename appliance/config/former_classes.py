"""Classes of service as boxes of format 1 came with them: three opened countries by themselves.

PURE data and the step to format 2. Nobody loses a call by an update: a class that an extension has
stays as it is, and a file that relies on the classes of its time gets those. What came open and is
nobody's is closed, so that choosing it later opens no country that no one has opened.
"""

from __future__ import annotations

import copy
from typing import Any

_KINDS = ["internal", "feature", "local", "toll_free", "national", "mobile"]
_ABROAD = [*_KINDS, "international"]
_NEIGHBOURS = ["BY", "KZ", "AM", "KG", "UZ"]
_NAMES = ("calls", "calls_per_hour", "minutes_per_day")


def _came(name: str, allows: list[str], countries: list[str], *limits: int) -> dict[str, Any]:
    spending = {f"max_paid_{of}": limit for of, limit in zip(_NAMES, limits, strict=False)}
    longest = {"max_call_minutes": limits[3]} if limits else {}
    return {"name": name, "allows": allows, "countries": countries, **spending, **longest}


FORMER: tuple[dict[str, Any], ...] = (
    _came("internal", _KINDS[:2], []),
    _came("local", _KINDS[:4], []),
    _came("national", _KINDS, []),
    _came("neighbours", _ABROAD, _NEIGHBOURS, 2, 40, 180, 120),
    _came("international", _ABROAD, ["*"], 2, 30, 120, 90),
    _came("everything", [*_ABROAD, "premium"], ["*"], 2, 30, 120, 90),
)
_OPEN = {row["name"]: row["countries"] for row in FORMER if row["countries"]}


def to_format_2(data: dict[str, Any]) -> dict[str, Any]:
    """See above. data may be of a stranger: whatever is no list of mappings is left alone."""
    extensions = data.get("extensions")
    rows = extensions if isinstance(extensions, list) else []
    used = {row.get("class_of_service") for row in rows if _is_readable(row)}
    if "classes" not in data:
        data["classes"] = [copy.deepcopy(row) for row in FORMER]
    classes = data["classes"]
    for row in classes if isinstance(classes, list) else []:
        if _is_readable(row) and row.get("name") not in used and _is_as_it_came(row):
            row["countries"] = []
            row["allows"] = [kind for kind in row["allows"] if kind != "international"]
    return data


def _is_readable(row: object) -> bool:
    return isinstance(row, dict) and all(
        isinstance(row.get(name, ""), str) for name in ("name", "class_of_service")
    )


def _is_as_it_came(row: dict[str, Any]) -> bool:
    came = _OPEN.get(row.get("name", ""))
    return came is not None and row.get("countries") == came and isinstance(row.get("allows"), list)
