"""settings.py: the phone book is where each brand is told; what the box lacks is not told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.config.model import Extension, Phone
from appliance.config.presets.factory import factory_document
from appliance.config.presets.loader import make_snapshot
from provisioning.api import NeutralSettings
from provisioning.catalogue import shipped
from provisioning.render import render
from provisioning.settings import DeviceFacts, settings_of
from provisioning.targets import parse_target
from tests.kit.desk_phones.catalogue import FAMILIES
from tests.kit.desk_phones.family import Family
from tests.provisioning.sheets import identity


def _told(family: Family, *, voicemail: bool = False) -> NeutralSettings:
    secret = "correct horse battery"
    people = (Extension(number="2001", name="Анна", secret=secret, voicemail=voicemail),)
    snapshot = make_snapshot(1, replace(factory_document(), extensions=people))
    base = "http://192.168.50.1:8088/"
    facts = DeviceFacts(
        mac=family.mac, brand=family.brand, box_host="192.168.50.1", base_url=base, secret="s" * 32
    )
    return settings_of(snapshot, Phone(mac=family.mac, extensions=("2001",)), facts)


def _is_told_a_url(family: Family) -> bool:
    sections = shipped().brands[family.brand].sections.values()
    return any("{book_url" in p.value for section in sections for p in section)


@pytest.mark.parametrize(
    "family", [f for f in FAMILIES if _is_told_a_url(f)], ids=lambda f: f.brand
)
def test_the_url_of_the_phone_book_leads_to_it(family: Family) -> None:
    told = _told(family)
    found = parse_target(told.phone_books[0].url)
    assert found is not None and found[1] == "s" * 32
    rendered = render(identity(family), told, found[0])
    assert rendered is not None and "Анна" in rendered.body.decode()


def test_no_phone_is_told_of_a_mailbox_that_the_box_does_not_have() -> None:
    family = next(f for f in FAMILIES if f.brand == "yealink")
    rendered = render(identity(family), _told(family), f"/{family.mac}.cfg")
    assert rendered is not None
    lines = set(rendered.body.decode().splitlines())
    assert {"account.1.subscribe_mwi = 0", "voice_mail.number.1 = %NULL%"} <= lines


def test_a_phone_whose_number_has_a_mailbox_asks_for_its_lamp_and_knows_its_code() -> None:
    family = next(f for f in FAMILIES if f.brand == "yealink")
    rendered = render(identity(family), _told(family, voicemail=True), f"/{family.mac}.cfg")
    assert rendered is not None
    lines = set(rendered.body.decode().splitlines())
    assert {"account.1.subscribe_mwi = 1", "voice_mail.number.1 = *97"} <= lines
