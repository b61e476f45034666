"""A sound office for the tests of the configuration, and ways to change one thing in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from appliance.config.model import (
    DestinationKind,
    DialProfile,
    DialRule,
    Did,
    Document,
    Extension,
    Site,
    Trunk,
)
from appliance.config.presets import factory_document

SECRET = "kRz7Wq2mPx9T"
OTHER_SECRET = "Zx81kdPq77aa"


def office() -> Document:
    """P9 in Moscow: two extensions, a trunk, a rule, a DID; nothing to complain about."""
    return replace(
        factory_document(),
        site=Site(name="Ромашка", default_extension="2001"),
        dialling=DialProfile(name="P9", outside_prefix="9"),
        extensions=(
            Extension(number="2001", name="Анна", secret=SECRET),
            Extension(number="2002", name="Boris", secret=OTHER_SECRET, is_enabled=False),
        ),
        trunks=(
            Trunk(name="mango", host="sip.example.com", username="74955551525", secret=SECRET),
            Trunk(name="spare", host="192.0.2.7", username="u", secret=SECRET, is_enabled=False),
        ),
        rules=(DialRule(name="all", kinds=(DestinationKind.LOCAL,), ways=("mango",)),),
        dids=(Did(number="+74955551525", trunk="mango", extension="2001"),),
    )


def with_site(**values: Any) -> Document:
    return replace(office(), site=replace(office().site, **values))


def with_dialling(**values: Any) -> Document:
    return replace(office(), dialling=replace(office().dialling, **values))


def with_first(collection: str, **values: Any) -> Document:
    """The office with fields of the first item of a collection replaced."""
    first, *others = getattr(office(), collection)
    return replace(office(), **{collection: (replace(first, **values), *others)})


def with_added(collection: str, item: Any) -> Document:
    return replace(office(), **{collection: (*getattr(office(), collection), item)})
