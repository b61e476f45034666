"""Who asks? Brand, model, firmware and MAC of a request, with the reason, and what does not fit.

PURE. Three witnesses: the User-Agent, the name of the file, and the maker's part of the MAC. The
User-Agent says most and is asked first; TFTP has none. What contradicts is an alarm, never a guess:
a name that several brands ask for is given to nobody unless another witness names the brand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from provisioning.api import Identity, Request
from provisioning.catalogue import Catalogue, shipped
from provisioning.shapes import Brand, FileName, FileRole, Model, plain

#: Alarms: keys of the log of what phones asked for.
MAC_DIFFERS_FROM_AGENT = "identify.mac_differs_from_agent"
MAC_DIFFERS_FROM_NEIGHBOUR = "identify.mac_differs_from_neighbour"
BRAND_DIFFERS = "identify.brand_differs"
MAKER_DIFFERS = "identify.maker_differs"
#: Letters that an unknown model and its nearest one must have in common.
_COMMON_LETTERS = 3
_LONGEST_AGENT = 512


@dataclass(frozen=True, slots=True)
class Asked:
    """A file name of a brand that a path is."""

    brand: Brand
    file: FileName
    mac: str
    model: str


@dataclass(frozen=True, slots=True)
class _Said:
    """What a User-Agent says."""

    brand: Brand
    model: str
    firmware: str
    mac: str


def identify(request: Request, catalogue: Catalogue | None = None) -> Identity | None:
    """Who asks, or None when no brand can be told."""
    catalogue = catalogue or shipped()
    said = _read_agent(request.user_agent, catalogue)
    asked = tuple(files_of_path(request.path, catalogue))
    mac = next((a.mac for a in asked if a.mac), "") or (said.mac if said else "")
    brand, reason = _choose(said, asked, mac or request.source_mac, catalogue)
    if brand is None:
        return None
    own = next((a for a in asked if a.brand.name == brand.name), None)
    model = (said.model if said else "") or (own.model if own else "")
    known = brand.model(model)
    return Identity(
        brand=brand.name,
        model=known.name if known else model,
        firmware=said.firmware if said else "",
        mac=mac or request.source_mac,
        reason=reason,
        alarms=tuple(_alarms(request, said, asked, mac, catalogue)),
    )


def hint(request: Request, identity: Identity | None, catalogue: Catalogue | None = None) -> str:
    """The key of what a person should know of this request: an unknown brand, model, file."""
    catalogue = catalogue or shipped()
    brand = catalogue.brand(identity.brand) if identity else None
    if identity is None or brand is None:
        return "identify.unknown_brand"
    if brand.softphone is not None and not request.link:
        return "identify.only_by_link"
    if brand.file(FileRole.DEVICE) is None:
        return "identify.only_by_hand"
    if not any(a.brand.name == brand.name for a in files_of_path(request.path, catalogue)):
        return "identify.unknown_file"
    if identity.model and brand.model(identity.model) is None:
        return "identify.unknown_model"
    return ""


def files_of_path(path: str, catalogue: Catalogue) -> Iterator[Asked]:
    """Every brand's file that a path may be; the folders before the name do not count."""
    parts = [part for part in path.split("/") if part]
    for brand in catalogue.brands.values():
        asked = _file_of(parts, brand)
        if asked is not None:
            yield asked


def file_of(path: str, brand: Brand) -> Asked | None:
    """The file of this brand that a path is."""
    return _file_of([part for part in path.split("/") if part], brand)


def nearest_model(brand: Brand, name: str) -> Model:
    """The model, or the one whose name begins most alike, or the brand's default, or a plain one.

    What a model lacks is left out for it and what it does not know it skips: all brands here do.
    """
    found = brand.model(name)
    if found is not None:
        return found
    wanted = plain(name)
    best = max(brand.models, key=lambda known: (_alike(known, wanted), known), default="")
    if best and _alike(best, wanted) >= _COMMON_LETTERS:
        return brand.models[best]
    return brand.model(brand.default_model) or Model(name or brand.title)


def _alike(one: str, other: str) -> int:
    """Letters that two names begin with alike."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _file_of(parts: list[str], brand: Brand) -> Asked | None:
    for file in brand.files:
        found = file.shape.fullmatch("/".join(parts[-file.parts :])) if parts else None
        if found is not None:
            groups = found.groupdict()
            model = groups.get("model") or _model_by_code(brand, groups.get("code") or "")
            return Asked(brand, file, _mac(groups.get("mac")), model)
    return None


def _model_by_code(brand: Brand, code: str) -> str:
    return next((m.name for m in brand.models.values() if code and m.code == code), "")


def _read_agent(agent: str, catalogue: Catalogue) -> _Said | None:
    for brand in catalogue.brands.values():
        for pattern in brand.agents:
            found = pattern.search(agent[:_LONGEST_AGENT])
            if found is not None:
                said = {key: value or "" for key, value in found.groupdict().items()}
                return _Said(
                    brand, said.get("model", ""), said.get("firmware", ""), _mac(said.get("mac"))
                )
    return None


def _mac(text: str | None) -> str:
    digits = re.sub("[^0-9a-f]", "", (text or "").lower())
    return digits if len(digits) == 12 else ""


def _choose(
    said: _Said | None, asked: tuple[Asked, ...], mac: str, catalogue: Catalogue
) -> tuple[Brand | None, str]:
    if said is not None:
        return said.brand, "identify.by_agent"
    own = [a for a in asked if a.file.is_own]
    if len(own) == 1 or len(asked) == 1:
        return (own or asked)[0].brand, "identify.by_file"
    maker = catalogue.maker(mac)
    for a in asked:
        if a.brand.name == maker:
            return a.brand, "identify.by_file_and_maker"
    return None, ""


def _alarms(
    request: Request,
    said: _Said | None,
    asked: tuple[Asked, ...],
    mac: str,
    catalogue: Catalogue,
) -> Iterator[str]:
    if said is not None and said.mac and mac and said.mac != mac:
        yield MAC_DIFFERS_FROM_AGENT
    if request.source_mac and mac and request.source_mac != mac:
        yield MAC_DIFFERS_FROM_NEIGHBOUR
    if said is not None and asked and all(a.brand.name != said.brand.name for a in asked):
        yield BRAND_DIFFERS
    maker = catalogue.maker(mac or request.source_mac)
    if said is not None and maker and catalogue.brands[maker].maker != said.brand.maker:
        yield MAKER_DIFFERS
