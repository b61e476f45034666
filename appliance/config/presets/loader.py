"""Numbering plans and snapshots from the data files of this folder.

Owns nothing but a cache of files that come with the program and never change while it runs.
numbering/<country>.toml holds a country's own plan, zones.toml the world's prefixes, which every
plan shares (ITU-T E.164). Files that we ship are trusted: a mistake in one is a defect of ours.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib import resources
from typing import Any

from appliance.config.model import Document, NumberingPlan, Snapshot
from appliance.errors import UserError


def read_preset(*path: str) -> Mapping[str, Any]:
    """The content of one data file below this folder, e.g. ``("numbering", "ru.toml")``."""
    text = resources.files(__package__).joinpath(*path).read_text(encoding="utf-8")
    return tomllib.loads(text)


def preset_names(folder: str) -> tuple[str, ...]:
    """Names of the data files of a folder without ``.toml``, in alphabetical order."""
    entries = resources.files(__package__).joinpath(folder).iterdir()
    return tuple(sorted(e.name.removesuffix(".toml") for e in entries if e.name.endswith(".toml")))


@cache
def countries() -> tuple[str, ...]:
    """ISO codes of the countries that have a numbering plan."""
    return tuple(name.upper() for name in preset_names("numbering"))


@cache
def numbering(country: str) -> NumberingPlan:
    """The numbering plan of a country by its ISO code; UserError ``numbering.unknown_country``."""
    if country not in countries():
        raise UserError("numbering.unknown_country", country=country)
    plan = dict(read_preset("numbering", f"{country.lower()}.toml"))
    values = {f.name: _frozen(plan[f.name]) for f in fields(NumberingPlan) if f.name in plan}
    return NumberingPlan(**values, **_world())


def make_snapshot(revision: int, document: Document) -> Snapshot:
    """One revision as the daemon runs it: the document with its country's numbering plan."""
    return Snapshot(revision, document, numbering(document.site.country))


@cache
def _world() -> Mapping[str, Any]:
    """What every plan shares: prefixes and names of the world's zones, and the dear ranges."""
    table = read_preset("zones.toml")
    dear = read_preset("premium_abroad.toml")
    return {
        "zones": {prefix: iso for iso, zone in table.items() for prefix in zone["prefixes"]},
        "zone_names": {iso: {"ru": zone["ru"], "en": zone["en"]} for iso, zone in table.items()},
        "named_only": frozenset(iso for iso, zone in table.items() if zone.get("named_only")),
        "premium_abroad": tuple(prefix for ranges in dear.values() for prefix in ranges),
    }


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
