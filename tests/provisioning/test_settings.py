"""settings.py: the phone book is where each brand is told; what the box lacks is not told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.config.model import Extension, Phone, PhoneKey
from appliance.config.presets.factory import factory_document
from appliance.config.presets.loader import make_snapshot
from provisioning.api import Identity, NeutralSettings
from provisioning.catalogue import shipped
from provisioning.render import render
from provisioning.settings import DeviceFacts, settings_of, settings_of_softphone
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


NAMED = [
    ("panasonic", "KX-HDV230", "0080f0c8c381", "/Config{MAC}.cfg", 'ООО "Ромашка"'),
    ("cisco-spa", "SPA508G", "0002fdff2103", "/{mac}.xml", "Sales; East"),
    ("yealink", "T46U", "805ec0a1b2c3", "/{mac}.cfg", "A%NULL%"),
]


@pytest.mark.parametrize(("brand", "model", "mac", "path", "name"), NAMED)
def test_no_name_in_the_office_costs_a_phone_its_file(
    brand: str, model: str, mac: str, path: str, name: str
) -> None:
    """Its own, a colleague's on a key without a label, the office's: they are told without what
    the brand cannot write."""
    secret = "correct horse battery"
    people = tuple(Extension(number=n, name=name, secret=secret) for n in ("2001", "2002"))
    document = replace(factory_document(), extensions=people)
    document = replace(document, site=replace(document.site, name=name))
    base = "http://192.168.50.1:8088/"
    facts = DeviceFacts(
        mac=mac, brand=brand, box_host="192.168.50.1", base_url=base, secret="s" * 32
    )
    keys = (PhoneKey(), PhoneKey(kind="blf", value="2002"))
    phone = Phone(mac=mac, extensions=("2001",), keys=keys)
    told = settings_of(make_snapshot(1, document), phone, facts)
    who = Identity(brand=brand, model=model, mac=mac)
    rendered = render(who, told, path.format(mac=mac, MAC=mac.upper()))
    assert rendered is not None and b"2002" in rendered.body


@pytest.mark.parametrize(
    ("app", "path"), [("linphone", "/linphone.xml"), ("sipnetic", "/sipnetic.txt")]
)
def test_a_softphone_has_its_account_whatever_its_owner_is_called(app: str, path: str) -> None:
    people = (Extension(number="2001", name='A; "B"\\', secret="correct horse battery"),)
    snapshot = make_snapshot(1, replace(factory_document(), extensions=people))
    told = settings_of_softphone(snapshot, "2001", "192.168.50.1", 5060, app)
    rendered = render(Identity(brand=app), told, path)
    assert rendered is not None and b"2001" in rendered.body
