"""Every family of emulated phones by brand."""

from __future__ import annotations

from fnmatch import fnmatchcase

from tests.kit.desk_phones import cisco, fanvil, gigaset, grandstream, others, poly, snom, yealink
from tests.kit.desk_phones.family import Family

FAMILIES: tuple[Family, ...] = (
    *yealink.FAMILIES,
    *grandstream.FAMILIES,
    *snom.FAMILIES,
    *fanvil.FAMILIES,
    *poly.FAMILIES,
    *cisco.FAMILIES,
    *gigaset.FAMILIES,
    *others.FAMILIES,
)


def family_of(brand: str, model: str) -> Family:
    """The family that a model of a brand boots like."""
    found = (f for f in FAMILIES if f.brand == brand)
    return next(f for f in found if any(fnmatchcase(model, shape) for shape in f.serves))


def family(model: str) -> Family:
    """The family of a model."""
    return next(f for f in FAMILIES if f.model == model)
