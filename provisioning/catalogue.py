"""All brands that this box can set up: the tables that come with it and those of the data folder.

Owns nothing but a cache of files that never change while the program runs. A file ``brands/*.toml``
of the data folder adds a brand, or takes the place of ours with the same name; one that cannot be
used is left out and told (``Catalogue.problems``), and the others work.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

from provisioning.formats import WRITERS
from provisioning.shapes import Brand
from provisioning.table import TableError, read_brand
from provisioning.table_check import mistakes

#: Largest table that is read; ours are a tenth of it.
_LARGEST_OCTETS = 256 * 1024


@dataclass(frozen=True)
class Catalogue:
    """Brands by name. problems: ``file: what is wrong`` of tables that were left out."""

    brands: Mapping[str, Brand]
    problems: tuple[str, ...] = ()
    makers: Mapping[str, str] = field(default_factory=dict)  # OUI -> the brand

    def brand(self, name: str) -> Brand | None:
        return self.brands.get(name)

    def maker(self, mac: str) -> str:
        """The brand by the first half of a MAC, or empty. mac: lower-case digits."""
        return self.makers.get(mac[:6], "")


@cache
def shipped() -> Catalogue:
    """The brands that come with the program."""
    folder = resources.files(__package__).joinpath("brands")
    files = sorted((e for e in folder.iterdir() if e.name.endswith(".toml")), key=lambda e: e.name)
    return _catalogue(_brand(entry.name, entry.read_bytes()) for entry in files)


def with_own(folder: Path) -> Catalogue:
    """The shipped brands and those of a folder; a folder that is not there adds nothing."""
    found: dict[str, Brand] = dict(shipped().brands)
    problems: list[str] = []
    for path in _files(folder, problems):
        try:
            with path.open("rb") as file:
                brand = parse_table(path.name, file.read(_LARGEST_OCTETS + 1))
        except OSError as error:
            problems.append(f"{path.name}: cannot be read: {error.strerror}")
        except TableError as error:
            problems += [f"{path.name}: {problem}" for problem in error.problems]
        except Exception as error:  # whatever a table does to us, the house goes on
            problems.append(f"{path.name}: cannot be used: {type(error).__name__}: {error}")
        else:
            found[brand.name] = brand
    return _catalogue(found.values(), tuple(problems))


def _files(folder: Path, problems: list[str]) -> list[Path]:
    try:
        return sorted(folder.glob("*.toml")) if folder.is_dir() else []
    except OSError as error:
        problems.append(f"{folder.name}: cannot be read: {error.strerror}")
        return []


def parse_table(name: str, octets: bytes) -> Brand:
    """The brand of a file's content, with every pattern of it tried; TableError says what to
    correct. Ours are tried by the tests."""
    brand = _brand(name, octets)
    if found := tuple(mistakes(brand)):
        raise TableError(brand.name, found)
    return brand


def _brand(name: str, octets: bytes) -> Brand:
    if len(octets) > _LARGEST_OCTETS:
        raise TableError(name, (f"larger than {_LARGEST_OCTETS} octets",))
    try:
        table = tomllib.loads(octets.decode("utf-8"))
    except UnicodeDecodeError:
        raise TableError(name, ("not UTF-8 text",)) from None
    except tomllib.TOMLDecodeError as error:
        raise TableError(name, (f"not TOML: {error}",)) from None
    except RecursionError:
        raise TableError(name, ("not TOML: too deep",)) from None
    return read_brand(table, frozenset(WRITERS))


def _catalogue(brands: Iterable[Brand], problems: tuple[str, ...] = ()) -> Catalogue:
    found = {brand.name: brand for brand in brands}
    makers = {oui: brand.name for brand in found.values() for oui in brand.ouis}
    return Catalogue(found, problems, makers)
