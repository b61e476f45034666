"""Every family of emulated phones by brand."""

from __future__ import annotations

from tests.kit.desk_phones import yealink
from tests.kit.desk_phones.family import Family

FAMILIES: tuple[Family, ...] = (*yealink.FAMILIES,)


def family(model: str) -> Family:
    """The family of a model."""
    return next(f for f in FAMILIES if f.model == model)
