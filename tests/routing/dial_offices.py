"""Offices for the tables of dial strings: the factory's classes, one trunk, one rule for all."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from appliance.config.codec import from_data
from appliance.config.former_classes import FORMER
from appliance.config.model import (
    ClassOfService,
    DestinationKind,
    DialProfile,
    DialRule,
    Did,
    Document,
    Extension,
    Snapshot,
    Trunk,
)
from appliance.config.presets import factory_document, make_snapshot
from appliance.routing.decision import Decision, LiveState, Verdict

TABLES = Path(__file__).parent / "dial_strings"
#: Column of the tables -> (country, profile).
PROFILES = {
    "ru_p9": ("RU", "P9"),
    "ru_p0": ("RU", "P0"),
    "ru_none": ("RU", "none"),
    "us_p9": ("US", "P9"),
    "us_none": ("US", "none"),
}
#: One extension for each class: of a new box, which opens no country, and as former boxes came.
CALLERS = {
    "internal": "2001",
    "local": "2002",
    "national": "2003",
    "neighbours": "2004",
    "international": "2005",
    "everything": "2006",
    "new international": "2007",
    "new everything": "2008",
}
_PREFIXES = {"P9": "9", "P0": "0", "none": ""}
STATE = LiveState(bindings={number: (f"{number}-desk",) for number in CALLERS.values()})


def _new(factory: Document) -> tuple[ClassOfService, ...]:
    """Those that a new box has for calls abroad."""
    wanted = ("international", "everything")
    classes = (c for c in factory.classes if c.name in wanted)
    return tuple(replace(c, name=f"new {c.name}") for c in classes)


@cache
def office(column: str) -> Snapshot:
    """The office of a column, set up as the wizard does."""
    country, profile = PROFILES[column]
    base = factory_document("en", country)
    area = base.dialling.area_code
    document = Document(
        site=base.site,
        dialling=DialProfile(
            name=profile,
            outside_prefix=_PREFIXES[profile],
            area_code=area,
            pickup_code="*7" if profile == "P0" else "0",
        ),
        classes=(*from_data({"classes": list(FORMER)}).classes, *_new(base)),
        extensions=tuple(
            Extension(number=number, secret="kefir-Tramvay-77", class_of_service=name)
            for name, number in CALLERS.items()
        ),
        trunks=(Trunk(name="way", host="203.0.113.1"),),
        rules=(DialRule(name="out", kinds=tuple(DestinationKind), ways=("way",)),),
        dids=(
            Did(
                number="+74955550100" if country == "RU" else "+12125550100",
                trunk="way",
                extension="2001",
            ),
        ),
    )
    return make_snapshot(1, document)


def read_table(name: str) -> dict[str, Any]:
    """One data file of dial_strings/."""
    return tomllib.loads((TABLES / name).read_text(encoding="utf-8"))


def outcome(decision: Decision) -> str:
    """The decision in a table's words: ``mobile``, ``premium forbidden``, ``nothing``."""
    kind = decision.kind.value if decision.kind is not None else ""
    if decision.verdict is Verdict.ROUTE:
        return kind
    cause = decision.cause.value
    return "nothing" if not kind and cause == "not_found" else f"{kind} {cause}".strip()
