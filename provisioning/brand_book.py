"""All that the rest of the box asks of the brands' tables, in one place.

PURE but for the tables, which are read once, at the first question. The counter identifies and
renders by it; the daemon finds changed files and the words that make a phone read them again. A
value that a brand's format cannot carry leaves that file out, and says so in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from functools import cached_property

from provisioning import identify as identification
from provisioning.api import Identity, NeutralSettings, Rendered, Request
from provisioning.catalogue import Catalogue
from provisioning.patterns import PatternError
from provisioning.render import masked, render
from provisioning.shapes import Brand, FileName, FileRole
from provisioning.values import RefusedValue

log = logging.getLogger(__name__)


class BrandBook:
    """The tables of a box, with those of its data folder; read when they are first needed."""

    def __init__(self, load: Callable[[], Catalogue]) -> None:
        self._load = load
        self._refused = ""

    @cached_property
    def _catalogue(self) -> Catalogue:
        catalogue = self._load()
        for problem in catalogue.problems:
            log.error("a table of phones was left out: %s", problem)
        return catalogue

    def read(self) -> None:
        """Read the tables now, so that what is wrong with one is told at once."""
        log.info("%d brands of phones are known", len(self._catalogue.brands))

    def identify(self, request: Request) -> Identity | None:
        """Who asks."""
        return identification.identify(request, self._catalogue)

    def hint(self, request: Request, identity: Identity | None) -> str:
        """What a person should know of this request: a stable key, or empty."""
        return identification.hint(request, identity, self._catalogue)

    def render(self, identity: Identity, settings: NeutralSettings, path: str) -> Rendered | None:
        """The file; None where there is none, or none that can be written (``refused``)."""
        self._refused = ""
        try:
            return render(identity, settings, path, self._catalogue)
        except (RefusedValue, PatternError) as refused:
            log.error("%s for %s cannot be written: %s", path, identity.mac, refused)
            self._refused = str(refused)
            return None

    @property
    def refused(self) -> str:
        """Why the last file could not be written: its place and a key, never the value."""
        return self._refused

    def shown(
        self, identity: Identity, settings: NeutralSettings, paths: Iterable[str]
    ) -> dict[str, str]:
        """Files by path for a person's eyes, with secrets masked; no paths: the device's own."""
        brand = self._catalogue.brand(identity.brand)
        file = brand.file(FileRole.DEVICE) if brand else None
        found: dict[str, str] = {}
        for path in tuple(paths) or ((f"/{named(file, identity)}",) if file else ()):
            rendered = self.render(identity, masked(settings), path)
            if rendered is not None:
                found[path] = rendered.body.decode("utf-8")
        return found

    def softphones(self) -> dict[str, Brand]:
        """Brands that are programs, by name: they get their account by a link."""
        brands = self._catalogue.brands.items()
        return {name: brand for name, brand in brands if brand.softphone is not None}

    def needs_tftp(self, identity: Identity) -> bool:
        """Whether this model knows nothing but TFTP; one that is not told may be such a model."""
        brand = self._catalogue.brand(identity.brand)
        patterns = brand.discovery.get("tftp_models", ()) if brand else ()
        if not isinstance(patterns, list | tuple) or not patterns:
            return False
        name = identity.model
        return not name or any(fnmatchcase(name, str(pattern)) for pattern in patterns)

    def key_places(self, brand: str, model: str) -> int | None:
        """How many programmable keys a model can have; None: no such brand."""
        found = self._catalogue.brand(brand)
        return identification.nearest_model(found, model).places if found else None

    def own_keys(self, brand: str, model: str) -> int | None:
        """How many of them are on the phone itself, the others on expansion modules."""
        found = self._catalogue.brand(brand)
        return identification.nearest_model(found, model).keys if found else None

    def reread_event(self, brand: str) -> str:
        """The Event header that makes a phone read its files again; empty: none is known."""
        found = self._catalogue.brand(brand)
        return found.reread if found else ""

    def title(self, brand: str) -> str:
        """A brand as it calls itself; what no table has stays as it is."""
        found = self._catalogue.brand(brand)
        return found.title if found else brand

    def maker(self, mac: str) -> str:
        """The brand by the first half of a hardware address, or empty."""
        return self._catalogue.maker(mac)


def named(file: FileName, identity: Identity) -> str:
    """A file's name as this device asks for it."""
    places = {"{mac}": identity.mac, "{MAC}": identity.mac.upper(), "{model}": identity.model}
    name = file.name
    for place, text in places.items():
        name = name.replace(place, text)
    return name
