"""Providers of SIP trunks as data files: what to enter for each, and how sure we are of it.

Owns nothing but a cache of files that come with the program. providers/<name>.toml has three
groups of facts (``server``, ``account``, ``numbers``), each with ``verified`` and the source;
a group that is not verified is a sensible start which the owner compares with his contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import Any

from appliance.config.codec import field_types, item_type
from appliance.config.model import Trunk
from appliance.config.presets.loader import preset_names, read_preset
from appliance.errors import UserError

GROUPS = ("server", "account", "numbers")


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts of one kind. values: field of Trunk -> plain data; source: where they are from."""

    values: Mapping[str, Any]
    is_verified: bool
    source: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as the wizard offers it; codecs are in the order of preference."""

    key: str
    titles: Mapping[str, str]  # language -> name
    countries: tuple[str, ...]  # ISO codes it sells numbers in; "*" = many
    site: str
    codecs: tuple[str, ...]
    notes: Mapping[str, str]  # language -> what the owner must know
    groups: Mapping[str, FactGroup]

    @property
    def is_verified(self) -> bool:
        """Whether every group of facts is."""
        return all(group.is_verified for group in self.groups.values())

    def trunk_data(self) -> dict[str, Any]:
        """Plain data of a Trunk as far as the preset knows it, for forms and the codec."""
        data: dict[str, Any] = {"preset": self.key}
        for group in self.groups.values():
            data.update(group.values)
        return data


def provider_names() -> tuple[str, ...]:
    """Keys of all providers, in alphabetical order."""
    return preset_names("providers")


@cache
def providers() -> tuple[Provider, ...]:
    """Every provider that comes with the program, by key."""
    return tuple(provider(name) for name in provider_names())


@cache
def provider(key: str) -> Provider:
    """One provider; UserError ``trunk.preset.unknown``."""
    if key not in provider_names():
        raise UserError("trunk.preset.unknown", value=key)
    data = read_preset("providers", f"{key}.toml")
    return Provider(
        key=key,
        titles=MappingProxyType({"ru": data["ru"], "en": data["en"]}),
        countries=tuple(data["countries"]),
        site=data["site"],
        codecs=tuple(data["codecs"]),
        notes=MappingProxyType({"ru": data.get("note_ru", ""), "en": data.get("note_en", "")}),
        groups=MappingProxyType({name: _group(data[name]) for name in GROUPS}),
    )


def trunk_fields() -> frozenset[str]:
    """Fields of a Trunk that a preset may give."""
    own = {"name", "preset", "secret", "username", "auth_username", "caller_id", "is_enabled"}
    return frozenset(f.name for f in fields(Trunk)) - own


def _group(data: Mapping[str, Any]) -> FactGroup:
    values = {name: data[name] for name in data if name not in ("verified", "source")}
    types = field_types(Trunk)
    unknown = set(values) - trunk_fields()
    if unknown:
        raise ValueError(f"not fields of a trunk: {sorted(unknown)}")
    listed = {n: list(v) if item_type(types[n]) else v for n, v in values.items()}
    return FactGroup(MappingProxyType(listed), data["verified"], data["source"])
