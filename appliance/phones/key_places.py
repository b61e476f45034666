"""Keys that a phone has no place for: how many, for its page and for the log. PURE.

A phone's file has as many keys as its model has places (provisioning/fields.py); what stands behind
them is kept in the settings and told to nobody, so that it must be said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.config.model import Phone, Snapshot
from appliance.phones.device import Device

if TYPE_CHECKING:
    from provisioning.brand_book import BrandBook


@dataclass(frozen=True, slots=True)
class Untold:
    """places: of the model; keys: that stand behind them."""

    mac: str
    model: str
    places: int
    keys: int


#: The tables are read when they are first needed, which a box that only starts shall not wait for.
Brands = Callable[[], "BrandBook"]


def places_of(phone: Phone | None, device: Device | None, brands: Brands) -> int | None:
    """How many keys the phone's model can have; None while nobody knows the model."""
    brand, model = _kind(phone, device)
    return brands().key_places(brand, model) if brand and model else None


def own_keys_of(phone: Phone | None, device: Device | None, brands: Brands) -> int | None:
    """How many of these are on the phone itself, the others on expansion modules."""
    brand, model = _kind(phone, device)
    return brands().own_keys(brand, model) if brand and model else None


def _kind(phone: Phone | None, device: Device | None) -> tuple[str, str]:
    brand = (device.brand if device else "") or (phone.brand.lower() if phone else "")
    return brand, (device.model if device else "") or (phone.model if phone else "")


def keys_beyond(phone: Phone, places: int | None) -> int:
    """How many keys that do something have no place."""
    if places is None:
        return 0
    return sum(key.kind != "none" for key in phone.keys[places:])


def newly_untold(
    before: Snapshot,
    after: Snapshot,
    device: Callable[[str], Device | None],
    brands: Brands,
) -> Iterator[Untold]:
    """Phones whose keys a revision has changed, and which have no place for some of them."""
    known = before.document.phone_by_mac
    for phone in after.document.phones:
        old = known.get(phone.mac)
        if not phone.keys or (old is not None and old.keys == phone.keys):
            continue
        found = device(phone.mac)
        places = places_of(phone, found, brands)
        if places is not None and (keys := keys_beyond(phone, places)):
            model = (found.model if found else "") or phone.model
            yield Untold(phone.mac, model, places, keys)
