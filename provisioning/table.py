"""A brand's TOML table read into shapes, with everything that is wrong with it told at once.

PURE. ``read_brand`` takes the parsed table; catalogue.py finds the files. A mistake in an
installer's own table must not stop the house: TableError names the place and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
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
#: Largest figure of a model, and of a firmware's part: more would only cost time.
_MOST = 65535
_WORDS = {
    "str": "a text",
    "bool": "true or false",
    "int": f"a whole number up to {_MOST}",
    "Mapping[str, str]": "a table of texts",
}


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

    def tables(self, key: str) -> dict[str, Mapping[str, Any]]:
        """A table of tables."""
        return {
            name: inner
            for name, inner in self.inner(key, self.table.get(key, {})).items()
            if self.is_table(f"{key}.{name}", inner)
        }

    def inner(self, place: str, value: object) -> Mapping[str, Any]:
        """The value, which is to be a table; an empty one where it is none."""
        return value if self.is_table(place, value) and isinstance(value, Mapping) else {}

    def is_table(self, place: str, value: object) -> bool:
        if not isinstance(value, Mapping):
            self.wrong(place, "a table belongs here")
        return isinstance(value, Mapping)

    def fitting(self, place: str, shape: type, values: Mapping[str, Any]) -> bool:
        """Whether all values are of the kinds that the fields of this shape have."""
        kinds = {f.name: str(f.type) for f in fields(shape)}
        wrong = {n: v for n, v in values.items() if n in kinds and not _is_of(kinds[n], v)}
        for name in wrong:
            self.wrong(f"{place}.{name}", f"{_WORDS[kinds[name]]} belongs here")
        return not wrong

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
        maps={key: reader.texts(key, reader.table["maps"]) for key in reader.tables("maps")},
        lists=reader.texts("lists"),
        codecs=reader.strings("codecs"),
        reread=reader.texts("notify").get("reread", "check-sync"),
        discovery=reader.inner("discovery", reader.table.get("discovery", {})),
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
    families = reader.tables("families")
    for name, row in reader.inner("models", reader.table.get("models", {})).items():
        if not isinstance(row, Mapping):
            reader.wrong(f"models.{name}", "a table such as { accounts = 2 } belongs here")
            continue
        family = str(row.get("family", ""))
        if family and family not in families:
            reader.wrong(f"models.{name}.family", f"no family {family}")
        values = {**families.get(family, {}), **row}
        if not reader.fitting(f"models.{name}", Model, values):
            continue
        try:
            yield plain(name), Model(name=name, **values)
        except TypeError:
            fields = "code, accounts, keys, page, has_line_keys, family, modules, module_keys"
            reader.wrong(f"models.{name}", f"fields are {fields}")


def _files(reader: _Reader, models: Mapping[str, Model]) -> Iterator[FileName]:
    rows = reader.table.get("files", [])
    if not isinstance(rows, list):
        reader.wrong("files", "a list of tables belongs here: [[files]]")
        return
    for number, row in enumerate(rows, 1):
        place = f"files[{number}]"
        if not reader.is_table(place, row):
            continue
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
        if name in ("key", "module", "tones"):
            for inner, rows in reader.tables(name).items():
                yield f"{name}.{inner}", rows
        elif table := reader.inner(name, reader.table.get(name, {})):
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
    since = row.get("since", [])
    if not isinstance(since, list) or not all(_is_of("int", part) for part in since):
        reader.wrong(f"{place}.since", "a list of whole numbers belongs here")
        since = []
    models = row.get("models", [])
    if not isinstance(models, list) or not all(isinstance(model, str) for model in models):
        reader.wrong(f"{place}.models", "a list of texts belongs here")
        models = []
    texts = {key: row[key] for key in ("empty", "forbids") if key in row}
    reader.fitting(place, _Texts, texts)
    attributes = row.get("attributes", {})
    if not _is_of("Mapping[str, str]", attributes):
        reader.wrong(f"{place}.attributes", f"{_WORDS['Mapping[str, str]']} belongs here")
        attributes = {}
    return Parameter(
        name,
        row["value"],
        tuple(since),
        tuple(models),
        row.get("empty"),
        row.get("forbids", ""),
        attributes,
    )


@dataclass(frozen=True)
class _Texts:
    """Fields of a parameter that are texts when they are there."""

    empty: str
    forbids: str


def _is_of(kind: str, value: object) -> bool:
    """Whether a value of the table is of a field's kind."""
    if kind == "int":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST
    if kind == "Mapping[str, str]":
        return isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values())
    return isinstance(value, bool if kind == "bool" else str)


def _phone_book(reader: _Reader) -> PhoneBookForm | None:
    row = reader.table.get("phone_book")
    if row is None or not reader.is_table("phone_book", row):
        return None
    if not reader.fitting("phone_book", PhoneBookForm, row):
        return None
    try:
        return PhoneBookForm(**row)
    except TypeError:
        reader.wrong("phone_book", "fields are root, entry, name, number, fixed")
        return None


def _softphone(reader: _Reader) -> SoftphoneForm | None:
    row = reader.table.get("softphone")
    if row is None or not reader.is_table("softphone", row):
        return None
    if not reader.fitting("softphone", SoftphoneForm, row):
        return None
    try:
        form = SoftphoneForm(**row)
    except TypeError:
        reader.wrong("softphone", "fields are link, by_browser")
        return None
    if "{http}" not in form.link and "{https}" not in form.link:
        reader.wrong("softphone.link", "{http} or {https} belongs into it")
    return form
