"""The document that a new box starts with: its classes of service and nothing else.

Owns nothing. classes/default.toml lists the classes from the narrowest to the widest, with names
in every language of the product; each class allows what the ones before it allow.
"""

from __future__ import annotations

from appliance.config.model import ClassOfService, DestinationKind, DialProfile, Document, Site
from appliance.config.presets.loader import read_preset

_TIMEZONES = {"RU": "Europe/Moscow", "US": "America/New_York"}
_DIALLING = {
    "RU": {"area_code": "495", "local_length": 7},
    "US": {"area_code": "212", "local_length": 7},
}


def factory_document(language: str = "ru", country: str = "RU") -> Document:
    """Settings of a box that nobody has configured yet, for a language and an ISO country code."""
    return Document(
        site=Site(language=language, country=country, timezone=_TIMEZONES[country]),
        dialling=DialProfile(**_DIALLING[country]),  # type: ignore[arg-type]
        classes=_default_classes(),
    )


def class_titles(language: str) -> dict[str, str]:
    """Names of the factory classes, past ones among them, as a person reads them, by key."""
    preset = read_preset("classes", "default.toml")
    return {c["name"]: c[language] for c in (*preset["classes"], *preset["former"])}


def _default_classes() -> tuple[ClassOfService, ...]:
    classes: list[ClassOfService] = []
    kinds: list[DestinationKind] = []
    for entry in read_preset("classes", "default.toml")["classes"]:
        kinds += [DestinationKind(kind) for kind in entry["adds"]]
        classes.append(
            ClassOfService(
                name=entry["name"],
                allows=tuple(kinds),
                **entry.get("limits", {}),
            )
        )
    return tuple(classes)
