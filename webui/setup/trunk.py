"""The wizard's fourth step: a trunk by a provider's preset, its numbers, and the rule that uses
it..
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from appliance.config.codec import MASK, Decoded, decode, to_data
from appliance.config.field_texts import FIELD_TEXTS
from appliance.config.model import DestinationKind, Document, Trunk
from appliance.config.presets import Provider, provider_names, providers
from webui import entity_form, written

Choices = Mapping[str, Sequence[tuple[str, str]]]
#: Fields of a trunk that the form shows, by group; the rest keeps what it has.
SERVER = ("host", "port", "transport", "outbound_proxy", "domain")
ACCOUNT = ("authentication", "username", "auth_username", "secret", "source_addresses")
NUMBERS = ("caller_id", "number_form", "caller_id_header", "did_from", "max_calls")
FIELDS = ("name", *SERVER, *ACCOUNT, *NUMBERS)
#: Shown at once; the others wait behind "More settings", unless something is wrong with them.
PLAIN = ("name", "host", "username", "secret", "caller_id")
BY_ADDRESS = ("name", "host", "source_addresses", "caller_id")
_LISTS = ("source_addresses",)
RULE = "outside"
OUTSIDE = (
    DestinationKind.EMERGENCY,
    DestinationKind.LOCAL,
    DestinationKind.NATIONAL,
    DestinationKind.MOBILE,
    DestinationKind.TOLL_FREE,
    DestinationKind.PREMIUM,
    DestinationKind.INTERNATIONAL,
)


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field as the form shows it. is_verified: None where the preset says nothing of it."""

    name: str
    label: str
    hint: str
    kind: str
    choices: tuple[tuple[str, str], ...]
    is_verified: bool | None


def offered(country: str) -> list[Provider]:
    """Providers that sell numbers in a country, the verified first; "another" comes last."""
    found = [p for p in providers() if {country, "*"} & set(p.countries)]
    return sorted(found, key=lambda p: (p.key == "generic", not p.is_verified, p.key))


def preset_of(key: str) -> Provider | None:
    """The preset of that name."""
    return next((p for p in providers() if p.key == key), None) if key in provider_names() else None


def values_of(document: Document, preset: Provider) -> dict[str, str]:
    """What the form holds at first: the preset's facts, or the trunk that was made by it before."""
    known = next((t for t in document.trunks if t.preset == preset.key), None)
    data = to_data(known, with_secrets=False) if known else _plain(Trunk(name=preset.key, host=""))
    if known is None:
        data |= preset.trunk_data()
    values = {name: text_of(data.get(name, "")) for name in FIELDS}
    dids = [d for d in document.dids if known and d.trunk == known.name]
    values["numbers"] = "\n".join(d.number for d in dids)
    values["rings"] = _rings(document, known.name if known else "")
    values["was"] = known.name if known else ""
    return values


def trunk_data(document: Document, preset: Provider, values: Mapping[str, str]) -> dict[str, Any]:
    """The trunk as plain data; an untouched secret is the stored one."""
    known = document.trunk_by_name.get(values.get("was", ""))
    data: dict[str, Any] = to_data(known) if known else {"name": "", **preset.trunk_data()}
    for name in FIELDS:
        if name in values:
            text = values[name].strip()
            data[name] = text.split() if name in _LISTS else entity_form.typed("trunks", name, text)
    if data.get("secret") == MASK:
        data["secret"] = known.secret if known else ""
    if not data.get("port"):
        data["port"] = "0"
    data["preset"] = preset.key
    return data


def apply(document: Document, preset: Provider, values: Mapping[str, str]) -> Decoded:
    """The document with the trunk, its numbers, and a rule by which calls leave."""
    trunk = trunk_data(document, preset, values)
    name, was = str(trunk["name"]), values.get("was", "")
    data = to_data(document)
    data["trunks"] = [*(t for t in data["trunks"] if t["name"] != was), trunk]
    others = [d for d in data["dids"] if d["trunk"] != was]
    known = [d for d in data["dids"] if d["trunk"] == was]
    is_as_shown = values.get("rings", "") == _rings(document, was)
    data["dids"] = [*others, *dids_with(known, values, name, keep_rings=is_as_shown)]
    data["rules"] = rules_with(data["rules"], name, was)
    return decode(data)


def dids_with(
    known: list[dict[str, Any]], values: Mapping[str, str], trunk: str, *, keep_rings: bool
) -> list[dict[str, Any]]:
    """The numbers of a form as plain data. known: what there was of them, kept but for the trunk;
    keep_rings: each that was known rings where it did, only new ones where the form says."""
    before = {did["number"]: did for did in known}
    rings = {"extension": values.get("rings", "")}
    return [
        rings
        | before.get(number, {})
        | ({} if keep_rings else rings)
        | {"number": number, "trunk": trunk}
        for number in written.numbers(values.get("numbers", ""))
    ]


def field_of(name: str) -> Any:
    """Path of a problem -> field of the form, for a trunk of that name."""

    def find(path: str) -> str:
        if path.startswith((f"trunks[{name}]", "trunks[#")):
            field = path.rpartition(".")[2].partition("[")[0]
            return field if field in FIELDS else ""
        if path.startswith("dids["):
            if not name and path.endswith(".trunk"):
                return "name"
            return "rings" if path.endswith(".extension") else "numbers"
        return "name" if not name and path.startswith("rules[") else ""

    return find


def field_views(
    preset: Provider, names: tuple[str, ...], language: str, choices: Choices
) -> list[FieldView]:
    """Fields with their words and the preset's marks; choices: (value, text) of those that have
    words of their own."""
    verified = {f: g.is_verified for g in preset.groups.values() for f in g.values}
    kinds = {f.name: f.metadata for f in Trunk.__dataclass_fields__.values()}
    found = []
    for name in names:
        text = FIELD_TEXTS[f"trunks.{name}"]
        is_russian = language == "ru"
        found.append(
            FieldView(
                name=name,
                label=text.ru if is_russian else text.en,
                hint=text.help_ru if is_russian else text.help_en,
                kind=str(kinds[name].get("kind", "text")),
                choices=tuple(choices.get(name) or ((c, c) for c in _values(name, kinds[name]))),
                is_verified=verified.get(name),
            )
        )
    return found


def _values(name: str, metadata: Mapping[str, Any]) -> tuple[str, ...]:
    default: Any = Trunk.__dataclass_fields__[name].default
    if isinstance(default, Enum):
        return tuple(str(member.value) for member in type(default))
    return tuple(metadata.get("choices", ()))


def rules_with(rules: list[dict[str, Any]], name: str, was: str) -> list[dict[str, Any]]:
    """The rules with the trunk in the one that we made, if no rule leads to it yet."""
    renamed = [
        {**rule, "ways": [name if way == was else way for way in rule["ways"]]} for rule in rules
    ]
    if any(name in rule["ways"] for rule in renamed):
        return renamed
    if any(rule["name"] == RULE for rule in renamed):
        return [
            {**rule, "ways": [*rule["ways"], name]} if rule["name"] == RULE else rule
            for rule in renamed
        ]
    kinds = [kind.value for kind in OUTSIDE]
    return [*renamed, {"name": RULE, "kinds": kinds, "ways": [name]}]


def _rings(document: Document, trunk: str) -> str:
    """The extension that the form shows for a trunk's numbers: the first one's."""
    dids = [d for d in document.dids if d.trunk == trunk]
    return dids[0].extension if dids else document.site.default_extension


def _plain(trunk: Trunk) -> dict[str, Any]:
    plain: dict[str, Any] = to_data(replace(trunk))
    return plain


def text_of(value: Any) -> str:
    """A value as a form holds it; a figure of 0 is left empty."""
    if isinstance(value, list | tuple):
        return "\n".join(str(item) for item in value)
    return "" if value == 0 else str(value)
