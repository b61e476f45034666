"""A brand's TOML table read into shapes, with everything that is wrong with it told at once.

PURE. ``read_brand`` takes the parsed table; catalogue.py finds the files. A mistake in an
installer's own table must not stop the house: TableError names the place and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.shapes import (
    Brand,
    FileName,
    FileRole,
    Model,
    Parameter,
    PhoneBookForm,
    SoftphoneForm,
    plain,
)

#: Sections of parameters: the whole house, the device, and what is there once for each of many.
SECTIONS = (
    *("common", "device", "account", "no_account", "codec", "more_codec", "no_codec"),
    *("dial", "no_dial", "key", "module", "master", "tones"),
)
_FIELDS = frozenset(
    (
        *("name", "title", "tier", "format", "frame", "content_type", "ouis", "user_agents"),
        *("firmware_from", "families", "models", "default_model", "files", "maps", "lists"),
        *("codecs", "notify", "discovery", "grades", "phone_book", "forbids", "longest", "maker"),
        "softphone",
    )
)
_MAC = "[0-9A-Fa-f]{12}"


class TableError(Exception):
    """A brand's table cannot be used; problems holds every ``place: what is wrong``."""

    def __init__(self, name: str, problems: tuple[str, ...]) -> None:
        super().__init__(f"{name}: " + "; ".join(problems))
        self.name = name
        self.problems = problems


class _Reader:
    """Reads one table and collects what is wrong with it."""

    def __init__(self, table: Mapping[str, Any], formats: frozenset[str]) -> None:
        self.table = table
        self.formats = formats
        self.problems: list[str] = []

    def wrong(self, place: str, what: str) -> None:
        self.problems.append(f"{place}: {what}")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.table.get(key, default)
        if not isinstance(value, str):
            self.wrong(key, "a text belongs here")
            return ""
        return value

    def figure(self, key: str, default: int) -> int:
        value = self.table.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool):
            self.wrong(key, "a whole number belongs here")
            return default
        return value

    def texts(self, key: str, table: Mapping[str, Any] | None = None) -> dict[str, str]:
        """A table of texts."""
        found = (self.table if table is None else table).get(key, {})
        if not isinstance(found, Mapping):
            self.wrong(key, "a table belongs here")
            return {}
        for name, value in found.items():
            if not isinstance(value, str):
                self.wrong(f"{key}.{name}", "a text belongs here")
        return {name: str(value) for name, value in found.items()}

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self.table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
            self.wrong(key, "a list of texts belongs here")
            return ()
        return tuple(found)

    def pattern(self, place: str, text: str) -> re.Pattern[str]:
        try:
            return re.compile(text)
        except re.error as error:
            self.wrong(place, f"not a regular expression: {error}")
            return re.compile("(?!)")


def read_brand(table: Mapping[str, Any], formats: frozenset[str]) -> Brand:
    """The brand of a parsed table; formats: names that have a writer. Raises TableError."""
    reader = _Reader(table, formats)
    name = reader.text("name")
    for key in table:
        if key not in _FIELDS and key not in SECTIONS:
            reader.wrong(key, "no such field")
    brand = _brand(reader, name)
    if brand.format not in formats:
        reader.wrong("format", f"must be one of {', '.join(sorted(formats))}")
    if not brand.agents and not brand.files:
        reader.wrong("user_agents", "neither user agents nor files: no phone would be known")
    if reader.problems:
        raise TableError(name or "?", tuple(reader.problems))
    return brand


def _brand(reader: _Reader, name: str) -> Brand:
    models = dict(_models(reader))
    return Brand(
        name=name,
        title=reader.text("title", name),
        tier=reader.figure("tier", 2),
        format=reader.text("format"),
        frame=reader.texts("frame"),
        content_type=reader.text("content_type", "text/plain; charset=utf-8"),
        ouis=frozenset(oui.lower() for oui in reader.strings("ouis")),
        agents=tuple(reader.pattern("user_agents", text) for text in reader.strings("user_agents")),
        firmware_from=reader.figure("firmware_from", 0),
        models=models,
        files=tuple(_files(reader, models)),
        sections={s: tuple(_parameters(reader, s, t)) for s, t in _sections(reader)},
        maps={key: reader.texts(key, reader.table["maps"]) for key in reader.table.get("maps", {})},
        lists=reader.texts("lists"),
        codecs=reader.strings("codecs"),
        reread=reader.texts("notify").get("reread", "check-sync"),
        discovery=reader.table.get("discovery", {}),
        grades=reader.texts("grades"),
        phone_book=_phone_book(reader),
        softphone=_softphone(reader),
        forbids=reader.text("forbids", ""),
        longest=reader.figure("longest", 256),
        default_model=reader.text("default_model", ""),
        maker=reader.text("maker", name),
    )


def _models(reader: _Reader) -> Iterator[tuple[str, Model]]:
    """``T46U = { code = "108", accounts = 16, keys = 27 }``, or ``{}`` with a family's figures."""
    families = reader.table.get("families", {})
    for name, row in reader.table.get("models", {}).items():
        if not isinstance(row, Mapping):
            reader.wrong(f"models.{name}", "a table such as { accounts = 2 } belongs here")
            continue
        family = str(row.get("family", ""))
        if family and family not in families:
            reader.wrong(f"models.{name}.family", f"no family {family}")
        values = {**families.get(family, {}), **row}
        try:
            yield plain(name), Model(name=name, **values)
        except TypeError:
            fields = "code, accounts, keys, page, has_line_keys, family, modules, module_keys"
            reader.wrong(f"models.{name}", f"fields are {fields}")


def _files(reader: _Reader, models: Mapping[str, Model]) -> Iterator[FileName]:
    for number, row in enumerate(reader.table.get("files", []), 1):
        place = f"files[{number}]"
        name, role = str(row.get("name", "")), str(row.get("role", "device"))
        if not name:
            reader.wrong(place, "a name belongs here")
        if role not in {r.value for r in FileRole}:
            reader.wrong(f"{place}.role", f"must be one of {', '.join(r.value for r in FileRole)}")
            continue
        codes = sorted((m.code for m in models.values() if m.code), key=len, reverse=True)
        yield FileName(
            name=name,
            role=FileRole(role),
            shape=reader.pattern(place, str(row.get("shape") or _shape(name, codes))),
            parts=name.count("/") + 1,
            is_own=bool(row.get("is_own", False)),
        )


def _shape(name: str, codes: list[str]) -> str:
    """The regular expression of a file's name; letter case does not matter in names of files."""
    shape = re.escape(name)
    places = {
        "mac": f"(?P<mac>{_MAC})",
        "MAC": f"(?P<mac>{_MAC})",
        "model": "(?P<model>[A-Za-z0-9-]+?)",
        "code": f"(?P<code>{'|'.join(map(re.escape, codes)) or '(?!)'})",
    }
    for place, expression in places.items():
        shape = shape.replace(re.escape("{" + place + "}"), expression)
    return f"(?i){shape}"


def _sections(reader: _Reader) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Sections by name; those of keys, keys of expansion modules and tones are nested: ``key.blf``,
    ``module.blf``, ``tones.RU``."""
    for name in SECTIONS:
        table = reader.table.get(name, {})
        if name in ("key", "module", "tones"):
            for inner, rows in table.items():
                yield f"{name}.{inner}", rows
        elif table:
            yield name, table


def _parameters(reader: _Reader, section: str, rows: Mapping[str, Any]) -> Iterator[Parameter]:
    for name, given in rows.items():
        for row in given if isinstance(given, list) else [given]:
            place = f"{section}.{name}"
            if isinstance(row, str):
                yield Parameter(name, row)
            elif isinstance(row, Mapping) and isinstance(row.get("value"), str):
                yield _parameter(reader, place, name, row)
            else:
                reader.wrong(place, "a text or a table with a value belongs here")


def _parameter(reader: _Reader, place: str, name: str, row: Mapping[str, Any]) -> Parameter:
    known = {"value", "since", "models", "empty", "forbids", "attributes"}
    for key in set(row) - known:
        reader.wrong(f"{place}.{key}", f"fields are {', '.join(sorted(known))}")
    return Parameter(
        name,
        row["value"],
        tuple(row.get("since", ())),
        tuple(row.get("models", ())),
        row.get("empty"),
        row.get("forbids", ""),
        row.get("attributes", {}),
    )


def _phone_book(reader: _Reader) -> PhoneBookForm | None:
    row = reader.table.get("phone_book")
    if row is None:
        return None
    try:
        return PhoneBookForm(**row)
    except TypeError:
        reader.wrong("phone_book", "fields are root, entry, name, number, fixed")
        return None


def _softphone(reader: _Reader) -> SoftphoneForm | None:
    row = reader.table.get("softphone")
    if row is None:
        return None
    try:
        form = SoftphoneForm(**row)
    except TypeError:
        reader.wrong("softphone", "fields are link, by_browser")
        return None
    if "{http}" not in form.link and "{https}" not in form.link:
        reader.wrong("softphone.link", "{http} or {https} belongs into it")
    return form
