"""Countries abroad as a class of service opens them, one by one or all. PURE.

What is no country (satellites, global services) is never among "all" and is opened by its own tick;
ranges of numbers (``+4470``) are opened by writing them. The kind of call ``international``
follows: whoever opens the first country allows it, whoever closes the last takes it away.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from appliance.config.codec import Decoded, decode, to_data
from appliance.config.model import ClassOfService, DestinationKind, Document
from appliance.config.presets import numbering

ALL = "*"
YES = "yes"
_ABROAD = DestinationKind.INTERNATIONAL.value
#: Prefixes that are shown of a country with many (Canada).
_SHOWN_PREFIXES = 3


@dataclass(frozen=True, slots=True)
class Country:
    """One to be opened. code: ISO 3166-1, or X… of what is no country; prefixes: ``+375``, a few of
    many; is_service: it is no country, and dear."""

    code: str
    name: str
    prefixes: str
    is_open: bool
    is_service: bool


def countries_of(
    document: Document, service: ClassOfService, language: str, search: str = ""
) -> list[Country]:
    """All but the office's own, those that are open first, services last, else by name."""
    plan = numbering(document.site.country)
    prefixes: dict[str, list[str]] = {}
    for prefix, code in plan.zones.items():
        prefixes.setdefault(code, []).append(f"+{prefix}")
    found = [
        Country(
            code=code,
            name=names.get(language, code),
            prefixes=_few(sorted(prefixes.get(code, []))),
            is_open=code in service.countries,
            is_service=code in plan.named_only,
        )
        for code, names in plan.zone_names.items()
        if code != document.site.country
        and _is_found(search, [code, *names.values()], prefixes.get(code, []))
    ]
    return sorted(found, key=lambda c: (not c.is_open, c.is_service, c.name.replace("Ё", "Е")))


def is_all_open(service: ClassOfService) -> bool:
    """Whether every country is open."""
    return ALL in service.countries


def prefixes_of(service: ClassOfService) -> str:
    """The ranges of numbers that are open by themselves, one a line."""
    return "\n".join(entry for entry in service.countries if entry.startswith("+"))


def names_of(document: Document, service: ClassOfService, language: str) -> list[str]:
    """What is open, in words; ``*`` is left out."""
    names = numbering(document.site.country).zone_names
    entries = [entry for entry in service.countries if entry != ALL]
    return [names.get(entry, {}).get(language, entry) for entry in entries]


def with_countries(document: Document, name: str, values: Mapping[str, str]) -> Decoded:
    """The document with what was ticked for a class.

    values: of the form: ``open`` (``all`` or ``chosen``), ``shown`` (codes that could be ticked),
    ``country.CODE``, and ``prefixes`` where they could be written. What was not shown stays.
    """
    data = to_data(document)
    for row in data["classes"]:
        if row["name"] == name:
            row["countries"] = _entries(row["countries"], values)
            kinds = [kind for kind in row["allows"] if kind != _ABROAD]
            row["allows"] = [*kinds, *([_ABROAD] if row["countries"] else [])]
    return decode(data)


def _entries(before: Sequence[str], values: Mapping[str, str]) -> list[str]:
    shown = values.get("shown", "").split()
    kept = [entry for entry in before if entry != ALL and entry not in shown]
    if "prefixes" in values:
        kept = [entry for entry in kept if not entry.startswith("+")]
        kept += values["prefixes"].replace(",", " ").split()
    ticked = [code for code in shown if values.get(f"country.{code}") == YES]
    everything = [ALL] if values.get("open") == "all" else []
    return list(dict.fromkeys([*everything, *ticked, *kept]))


def _is_found(search: str, names: Collection[str], prefixes: Collection[str]) -> bool:
    """By a part of its name, by its code, or by a number that begins with its prefix."""
    text = search.casefold().replace("ё", "е")
    if text.lstrip("+").replace(" ", "").isdigit():
        number = "+" + text.lstrip("+").replace(" ", "")
        return any(number.startswith(p) or p.startswith(number) for p in prefixes)
    return any(text in name.casefold().replace("ё", "е") for name in names)


def _few(prefixes: Sequence[str]) -> str:
    more = " …" if len(prefixes) > _SHOWN_PREFIXES else ""
    return ", ".join(prefixes[:_SHOWN_PREFIXES]) + more
