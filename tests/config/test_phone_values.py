"""phone_values.py and its place in the checks: forms refuse what a file could not carry."""

from __future__ import annotations

import pytest

from appliance.config.checks.phones import check_phones
from appliance.config.model import Document, Extension, Phone
from appliance.config.phone_model import PhoneKey
from appliance.config.phone_values import cleaned, forbidden_by, refusal


def office(name: str = "Anna", brand: str = "yealink", label: str = "") -> Document:
    key = PhoneKey(kind="blf", value="2002", label=label)
    phone = Phone(mac="805ec0a1b2c3", brand=brand, extensions=("2001",), keys=(key,))
    numbers = ("2001", "2002")
    extensions = tuple(
        Extension(number=n, name=name, secret="correct horse battery") for n in numbers
    )
    return Document(extensions=extensions, phones=(phone,))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("line\nbreak", "phone.value.unprintable"),
        ("\u202eright to left", "phone.value.unprintable"),
        (" outer", "phone.value.outer_blanks"),
        ("a" * 257, "phone.value.too_long"),
        ("%NULL%", "phone.value.reserved"),
        ("a;b", "phone.value.forbidden"),
    ],
)
def test_what_no_phone_can_be_told(text: str, key: str) -> None:
    found = refusal(text, "here", forbids=";")
    assert found is not None and (found.key, found.path) == (key, "here")


def test_what_every_phone_can_be_told() -> None:
    for text in ("", "Пётр & «Ко»", "O'Brien <x>", "#1", "שלום", "😀", "a" * 256):
        assert refusal(text, "here") is None


def test_only_numbers_that_a_phone_has_are_checked() -> None:
    problems = list(check_phones(office("%NULL%")))
    assert [(p.key, p.path) for p in problems] == [
        ("phone.value.reserved", "extensions[2001].name")
    ]


def test_a_brand_forbids_what_its_format_cannot_write() -> None:
    quoted = 'OOO "Romashka"'
    assert not list(check_phones(office(quoted, "yealink", quoted)))
    problems = list(check_phones(office(quoted, "panasonic", quoted)))
    assert [(p.key, p.path) for p in problems] == [
        ("phone.value.forbidden", "phones[805ec0a1b2c3].keys[#1].label"),
        ("phone.value.forbidden", "extensions[2001].name"),
    ]
    assert problems[0].params == {"letters": '"'}


def test_a_brand_is_known_however_it_is_spelled() -> None:
    problems = list(check_phones(office('OOO "Romashka"', " Panasonic")))
    assert [p.path for p in problems] == ["extensions[2001].name"]


@pytest.mark.parametrize(
    ("name", "brand", "told"),
    [
        ('ООО "Ромашка"', "panasonic", "ООО Ромашка"),
        ('ООО "Ромашка"', "yealink", 'ООО "Ромашка"'),
        ("Sales; East", "cisco-spa", "Sales East"),
        ("A%EMPTY%", "yealink", "A"),
        ("%NU%NULL%LL%", "", ""),
        ("two\nlines ", "", "twolines"),
        ("a" * 300, "", "a" * 256),
    ],
)
def test_names_of_others_are_told_as_far_as_a_phone_can_hold_them(
    name: str, brand: str, told: str
) -> None:
    assert cleaned(name, brand) == told
    assert refusal(cleaned(name, brand), "here", forbids=forbidden_by(brand)) is None
