"""Keys beyond a model's places: counted by what the tables say, and told once a change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.config.model import Phone, PhoneKey, Snapshot
from appliance.config.presets.loader import make_snapshot
from appliance.phones.device import Device
from appliance.phones.key_places import Untold, keys_beyond, newly_untold, places_of
from provisioning.brand_book import BrandBook
from provisioning.catalogue import shipped
from tests.config.offices import office

MAC = "805ec0a1b2c3"
BOOK = BrandBook(shipped)


def brands() -> BrandBook:
    return BOOK


KEY, FREE = PhoneKey(kind="blf", value="2002"), PhoneKey()


@pytest.mark.parametrize(
    ("phone", "device", "places"),
    [
        (Phone(mac=MAC, brand="Yealink", model="T46U"), None, 27 + 3 * 60),
        (Phone(mac=MAC, brand="yealink", model="T46U"), Device(mac=MAC, model="T31P"), 2),
        (Phone(mac=MAC, brand="grandstream", model="HT801"), None, 0),
        (Phone(mac=MAC, brand="yealink"), None, None),
        (Phone(mac=MAC, brand="nobody", model="X"), None, None),
        (Phone(mac=MAC), None, None),
    ],
)
def test_places(phone: Phone, device: Device | None, places: int | None) -> None:
    assert places_of(phone, device, brands) == places


def test_only_keys_that_do_something_count() -> None:
    phone = Phone(mac=MAC, keys=(KEY, KEY, KEY, FREE, KEY))
    assert [keys_beyond(phone, places) for places in (None, 0, 2, 3, 5, 9)] == [0, 4, 2, 1, 0, 0]


def _snapshot(*keys: PhoneKey, label: str = "") -> Snapshot:
    phone = Phone(mac=MAC, brand="yealink", model="T31P", keys=keys, label=label)
    return make_snapshot(1, replace(office(), phones=(phone,)))


def test_a_change_of_keys_is_told_of_and_nothing_else() -> None:
    two, four = _snapshot(KEY, KEY), _snapshot(KEY, KEY, KEY, KEY)
    told = [Untold(MAC, "T31P", 2, 2)]

    def device(mac: str) -> None:
        return None

    assert list(newly_untold(two, four, device, brands)) == told
    nobody = make_snapshot(0, office())
    assert list(newly_untold(nobody, four, device, brands)) == told, "a phone that is new"
    assert list(newly_untold(four, _snapshot(*[KEY] * 4, label="Desk"), device, brands)) == []
    assert list(newly_untold(four, two, device, brands)) == []
