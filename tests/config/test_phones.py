"""Phones of the configuration: what is refused of them, and that YAML gives them back."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.config.checking import problems_of
from appliance.config.codec import from_data, to_data
from appliance.config.model import Document, Phone, PhoneKey
from tests.config.offices import office, with_added

MAC = "805ec0a1b2c3"


def _phone(**values: Any) -> Document:
    return with_added("phones", Phone(**{"mac": MAC, "extensions": ("2001",), **values}))


def _key(**values: Any) -> Document:
    return _phone(keys=(PhoneKey(kind="line"), PhoneKey(**values)))


CASES: list[tuple[str, str, Document]] = [
    ("mac.wrong", "phones[80:5E:C0:A1:B2:C3].mac", _phone(mac="80:5E:C0:A1:B2:C3")),
    ("mac.wrong", "phones[805EC0A1B2C3].mac", _phone(mac="805EC0A1B2C3")),
    ("mac.wrong", "phones[01005e000001].mac", _phone(mac="01005e000001")),
    ("mac.wrong", "phones[000000000000].mac", _phone(mac="000000000000")),
    ("url.wrong", f"phones[{MAC}].firmware_url", _phone(firmware_url="file:///etc/shadow")),
    ("url.wrong", f"phones[{MAC}].firmware_url", _phone(firmware_url="http://u:p@host/x")),
    ("reference.dangling", f"phones[{MAC}].extensions", _phone(extensions=("2999",))),
    ("figure.out_of_range", f"phones[{MAC}].vlan", _phone(vlan=4095)),
    ("choice.unknown", f"phones[{MAC}].language", _phone(language="tlh")),
    ("choice.unknown", f"phones[{MAC}].keys[#2].kind", _key(kind="magic")),
    ("phone.key.empty", f"phones[{MAC}].keys[#2].value", _key(kind="blf")),
    ("phone.key.empty", f"phones[{MAC}].keys[#2].value", _key(kind="voicemail")),
    ("phone.key.no_account", f"phones[{MAC}].keys[#2].account", _key(kind="line", account=2)),
    ("text.unprintable", f"phones[{MAC}].keys[#2].label", _key(kind="line", label="a\r\nb")),
]


@pytest.mark.parametrize(("key", "path", "document"), CASES)
def test_what_is_refused(key: str, path: str, document: Document) -> None:
    assert (key, path) in {(p.key, p.path) for p in problems_of(document)}


def test_one_address_is_one_phone() -> None:
    twice = office_with(Phone(mac=MAC), Phone(mac=MAC, label="twin"))
    assert ("key.duplicate", f"phones[{MAC}].mac") in {(p.key, p.path) for p in problems_of(twice)}


def test_a_phone_of_an_office_is_taken_and_given_back() -> None:
    keys = (PhoneKey(kind="blf", value="2002", label="Борис & Co"), PhoneKey(), PhoneKey())
    document = _phone(label="Приёмная", vlan=20, keys=keys, firmware_url="http://10.0.0.1/a.rom")
    assert not [p for p in problems_of(document) if not p.is_warning]
    assert from_data(to_data(document)) == document
    assert document.phone_by_mac[MAC].label == "Приёмная"


def office_with(*phones: Phone) -> Document:
    return from_data(to_data(office()) | {"phones": [to_data(phone) for phone in phones]})
