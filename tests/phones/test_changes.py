"""A changed setting reaches exactly the phones whose files it changes: one of each tier-1 brand.

Each in a namespace with its own MAC, registered by what its files said; each asks who tells it to
read again. Within five seconds, never during a call, never by a reboot.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.kit.box import Box
from tests.kit.desk_phones import fanvil, grandstream, snom, yealink
from tests.kit.desk_phones.check_sync import CheckSync
from tests.kit.desk_phones.phone import DeskPhone
from tests.kit.office import office
from tests.kit.office_lan import OfficeLan
from tests.kit.processes import wait_until

FAMILIES = {f.brand: f for f in (yealink.T46U, grandstream.GRP2614, snom.D785, fanvil.X5U)}
BRANDS = tuple(FAMILIES)
NUMBERS = {brand: str(2001 + place) for place, brand in enumerate(BRANDS)}
WITHIN_S = 5.0
each_brand = pytest.mark.parametrize("brand", BRANDS)


def settings(labels: dict[str, str] | None = None, **site: Any) -> dict[str, Any]:
    """A number and a watched neighbour for each. labels: of the key, by brand."""
    phones = [
        {
            "mac": family.mac,
            "extensions": [NUMBERS[brand]],
            "keys": [
                {"kind": "line"},
                {"kind": "blf", "value": "2001", "label": (labels or {}).get(brand, "Desk")},
            ],
        }
        for brand, family in FAMILIES.items()
    ]
    made = office([int(number) for number in NUMBERS.values()])
    return {**made, "site": {**made["site"], **site}, "phones": phones}


class House:
    """The box, its phones, and what each of them is told."""

    def __init__(self, box: Box, phones: dict[str, DeskPhone]) -> None:
        self.box = box
        self.phones = phones
        self.heard = {brand: CheckSync(phone) for brand, phone in phones.items()}

    def change(self, document: dict[str, Any]) -> float:
        """Save these settings; when that was (monotonic seconds)."""
        for heard in self.heard.values():
            heard.forget()
        self.box.apply(document)
        return time.monotonic()

    def fence(self, document: dict[str, Any], brand: str) -> None:
        """Change one phone's key on top of these settings, and wait until that was told: whoever
        was to be told of anything before has been told by then."""
        count = len(self.heard[brand].told)
        keys = document["phones"][BRANDS.index(brand)]["keys"]
        keys[1] = {**keys[1], "label": f"Fence {count}"}
        self.box.apply(document)
        self.heard[brand].wait(WITHIN_S, after=count)

    def told(self) -> set[str]:
        return {brand for brand, heard in self.heard.items() if heard.told}

    def read_again(self, brand: str, since: float) -> None:
        """It is told in its maker's words, in time, and fetches; then it waits no more."""
        telling = self.heard[brand].wait(WITHIN_S)
        assert telling.at_s - since < WITHIN_S
        assert telling.event == FAMILIES[brand].reread and "reboot=true" not in telling.event
        self.phones[brand].read_files()

    def label(self, brand: str) -> str:
        """Of its second key, as the phone shows it."""
        return (self.phones[brand].works.keys or {})[2].label

    def is_waiting(self, brand: str) -> bool:
        rows = self.box.control("phones")["phones"]
        return any(r["is_waiting"] for r in rows if r["mac"] == FAMILIES[brand].mac)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with ExitStack() as stack:
        lan = stack.enter_context(OfficeLan())
        folder = tmp_path_factory.mktemp("changes") / "box"
        made = Box(folder, settings(), bind=(OfficeLan.BOX_HOST,), netns=lan.box, sip_port=5060)
        box = stack.enter_context(made)
        box.start("--with-phones")
        wait_until(lambda: box.control("phones")["ports"], 20, "the server of phones lives")
        phones = {}
        for brand, family in FAMILIES.items():
            netns, host = lan.add(family.mac)
            phones[brand] = stack.enter_context(DeskPhone(family, host, netns))
            box.control("phone_window", mac=family.mac)
            phones[brand].boot()
        yield House(box, phones)


@pytest.fixture(autouse=True)
def quiet(house: House) -> None:
    """Everybody has the first settings, and nobody is yet to be told."""
    house.change(settings())
    wait_until(lambda: not any(map(house.is_waiting, BRANDS)), 10, "nobody waits")
    for phone in house.phones.values():
        phone.read_files()


@each_brand
def test_a_label_reaches_the_phone_that_has_it_and_no_other(house: House, brand: str) -> None:
    since = house.change(settings({brand: "Склад & Co"}))
    house.read_again(brand, since)
    assert house.label(brand) == "Склад & Co"
    other = BRANDS[BRANDS.index(brand) - 1]
    house.fence(settings({brand: "Склад & Co"}), other)
    assert house.told() == {brand, other}
    assert [telling.is_proved for telling in house.heard[brand].told] == [False, True]
    assert not house.is_waiting(brand)


def test_the_time_zone_reaches_all_and_what_is_in_no_file_nobody(house: House) -> None:
    since = house.change(settings(timezone="Asia/Yekaterinburg"))
    for brand in BRANDS:
        house.read_again(brand, since)
        assert house.phones[brand].works.offset_s == 5 * 3600
    changed = settings(timezone="Asia/Yekaterinburg", ring_time_s=35)
    house.change(changed)
    house.fence(changed, "snom")
    assert house.told() == {"snom"}


@each_brand
def test_the_phone_book_is_where_the_files_say_and_follows_the_names(
    house: House, brand: str
) -> None:
    phone = house.phones[brand]
    assert [number for _, number in phone.read_book()] == list(NUMBERS.values())
    document = settings()
    document["extensions"][1]["name"] = "Müller & «Søn» <x>"
    house.change(document)
    assert ("Müller & «Søn» <x>", "2002") in phone.read_book()


@each_brand
def test_who_talks_is_told_after_hanging_up(house: House, brand: str) -> None:
    """The calling phone and the called one; a third is told meanwhile."""
    place = BRANDS.index(brand)
    called, third = BRANDS[(place + 1) % 4], BRANDS[(place + 2) % 4]
    with house.phones[brand].dial(NUMBERS[called]) as call:
        assert call.final().status == 200
        call.acknowledge()
        changed = dict.fromkeys((brand, called, third), "Later")
        since = house.change(settings(changed))
        house.read_again(third, since)
        house.fence(settings(changed), third)
        assert house.told() == {third}
        assert house.is_waiting(brand) and house.is_waiting(called)
        assert house.label(brand) == "Desk"
        call.hang_up()
        since = time.monotonic()
        for talked in (brand, called):
            house.read_again(talked, since)
            assert house.label(talked) == "Later"
    assert house.told() == {brand, called, third}


def test_whoever_proves_nothing_is_not_obeyed(house: House) -> None:
    """The emulated phones are no friends of ours: they would refuse a wrong password."""
    phone = house.phones["yealink"]
    heard = house.heard["yealink"]
    line = phone.works.lines[1]
    try:
        phone.works.lines[1] = type(line)(**{**vars(line), "password": "another"})
        house.change(settings({"yealink": "Unheard"}))
        wait_until(lambda: len(heard.told) >= 2, WITHIN_S, "it is told, and told again")
        assert [telling.is_proved for telling in heard.told] == [False, False]
        assert house.is_waiting("yealink")
    finally:
        phone.works.lines[1] = line
