"""Normalising, reading, classifying and formatting of numbers."""

from __future__ import annotations

import pytest

from appliance.config.model import DestinationKind, DialProfile, NumberForm
from appliance.config.presets.loader import numbering
from appliance.routing.number import Numbers, normalise, shown

K = DestinationKind
RU = Numbers(numbering("RU"), DialProfile())
SIX = Numbers(numbering("RU"), DialProfile(area_code="3522", local_length=6))
US = Numbers(numbering("US"), DialProfile(area_code="212"))


@pytest.mark.parametrize(
    ("dialled", "expected"),
    [
        ("2001", "2001"),
        ("9 555 15 25", "95551525"),
        ("8 (495) 555-15-25", "84955551525"),
        ("+7.495.555.15.25", "+74955551525"),
        ("+7 495 555\u201115\u201125", "+74955551525"),
        ("\u202a+74955551525\u202c", "+74955551525"),
        ("\u202d+7 (495) 555-15-25\u202c", "+74955551525"),  # as address books copy it
        ("\u2068+7\u2007495\u2012555\u20111525\u2069", "+74955551525"),
        ("\u200f112", "112"),
        ("%2B74955551525", "+74955551525"),
        ("*8%2a2001", "*8*2001"),
        ("0%23", "0#"),
        ("2001;phone-context=office.example", "2001"),
        ("sip:2001@192.0.2.1:5060;transport=udp", "2001"),
        ("SIPS:2001@office", "2001"),
        ("tel:+7-495-555-15-25;isub=1", "+74955551525"),
        ("", ""),
        ("   ", ""),
        ("alice", "alice"),
        ("%ZZ12", "%ZZ12"),
        ("٢٠٠١", "٢٠٠١"),
        ("２００１", "２００１"),
    ],
)
def test_normalise(dialled: str, expected: str) -> None:
    assert normalise(dialled) == expected


def test_shown_is_short_and_printable() -> None:
    assert shown("2001") == "2001"
    assert shown("\x1b[2J\n\udcff9") == "?[2J??9"
    assert len(shown("9" * 5000)) == 40


@pytest.mark.parametrize(
    ("e164", "kind", "country"),
    [
        ("74955551525", K.LOCAL, "RU"),
        ("74995551525", K.NATIONAL, "RU"),
        ("73433789809", K.NATIONAL, "RU"),
        ("79036785665", K.MOBILE, "RU"),
        ("78005553535", K.TOLL_FREE, "RU"),
        ("78095553535", K.PREMIUM, "RU"),
        ("77272501234", K.INTERNATIONAL, "KZ"),
        ("380692123456", K.INTERNATIONAL, "UA"),
        ("375172123456", K.INTERNATIONAL, "BY"),
        ("12125550143", K.INTERNATIONAL, "US"),
        ("12425550143", K.INTERNATIONAL, "BS"),
        ("442071234567", K.INTERNATIONAL, "GB"),
    ],
)
def test_classify_from_moscow(e164: str, kind: DestinationKind, country: str) -> None:
    assert RU.classify(e164) == (kind, country)


@pytest.mark.parametrize(
    ("e164", "kind"),
    [
        ("12125550143", K.LOCAL),
        ("16175550143", K.NATIONAL),
        ("18005550143", K.TOLL_FREE),
        ("19005550143", K.PREMIUM),
        ("12425550143", K.INTERNATIONAL),
        ("74955551525", K.INTERNATIONAL),
    ],
)
def test_classify_from_new_york(e164: str, kind: DestinationKind) -> None:
    assert US.classify(e164)[0] is kind


@pytest.mark.parametrize(
    ("digits", "e164"),
    [
        ("5551525", "74955551525"),
        ("84955551525", "74955551525"),
        ("89036785665", "79036785665"),
        ("810380692123456", "380692123456"),
        ("81074955551525", "74955551525"),
        ("+74955551525", "74955551525"),
        ("+380692123456", "380692123456"),
        # what cannot be dialled
        ("555152", ""),
        ("55515255", ""),
        ("0551525", ""),
        ("8495555152", ""),
        ("849555515255", ""),
        ("80955551525", ""),
        ("82650012345", ""),  # the carrier 26, and then the Falkland Islands
        ("85667712345", ""),
        ("+72650012345", ""),
        ("81125551234", ""),
        ("810", ""),
        ("810123456", ""),
        ("8101234567890123456", ""),
        ("8100692123456", ""),
        ("+7495555152", ""),
        ("+", ""),
        ("+0123456789", ""),
        ("+1234567890123456", ""),
        ("555*525", ""),
        ("", ""),
    ],
)
def test_read_in_moscow(digits: str, e164: str) -> None:
    assert RU.read(digits) == e164


def test_read_with_six_digits_in_the_city() -> None:
    assert SIX.read("432345") == "73522432345"
    assert SIX.read("5551525") == ""


@pytest.mark.parametrize(
    ("digits", "e164"),
    [
        ("5550143", "12125550143"),
        ("6175550143", "16175550143"),
        ("16175550143", "16175550143"),
        ("011380692123456", "380692123456"),
        ("61755501", ""),
    ],
)
def test_read_in_new_york(digits: str, e164: str) -> None:
    assert US.read(digits) == e164


FORMS = [
    ("74955551525", "+74955551525", "74955551525", "84955551525", "5551525"),
    ("79036785665", "+79036785665", "79036785665", "89036785665", "89036785665"),
    ("77272501234", "+77272501234", "77272501234", "87272501234", "87272501234"),
    ("380692123456", "+380692123456", "380692123456", "810380692123456", "810380692123456"),
]


@pytest.mark.parametrize("row", FORMS, ids=[row[0] for row in FORMS])
def test_forms_of_a_trunk(row: tuple[str, ...]) -> None:
    forms = (NumberForm.PLUS_E164, NumberForm.E164, NumberForm.NATIONAL, NumberForm.LOCAL)
    assert tuple(RU.format(row[0], form) for form in forms) == row[1:]
    for written in row[1:]:
        assert RU.interpret(written) == row[0]


@pytest.mark.parametrize(
    ("numbers", "e164", "sent"),
    [
        (RU, "74955551525", "5551525"),
        (RU, "74959115551", "9115551"),  # local numbers begin with 911
        (RU, "74958105551", "84958105551"),
        (RU, "74951125551", "84951125551"),
        (RU, "74951015551", "84951015551"),
        (RU, "74950355551", "84950355551"),
        (US, "12125550143", "5550143"),
        (US, "12129115551", "12129115551"),
        (US, "12121555143", "12121555143"),
    ],
)
def test_no_city_line_hears_a_prefix_or_an_emergency_in_a_local_number(
    numbers: Numbers, e164: str, sent: str
) -> None:
    assert numbers.sent(e164, NumberForm.LOCAL) == sent
    for form in (NumberForm.PLUS_E164, NumberForm.E164, NumberForm.NATIONAL):
        assert numbers.sent(e164, form) == numbers.format(e164, form)


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("4955551525", "74955551525"),
        ("sip:+7(495)555-15-25@provider", "74955551525"),
        ("anonymous", ""),
        ("", ""),
        ("900", ""),
        ("+123", ""),
        ("380692123456", "380692123456"),
        ("999999999999999", ""),
    ],
)
def test_interpret(text: str, e164: str) -> None:
    assert RU.interpret(text) == e164


def test_longest_zone_wins() -> None:
    assert RU.country("77272501234") == "KZ"
    assert RU.country("74955551525") == "RU"
    assert RU.country("") == ""
    assert RU.country_name("UA", "en") == "Ukraine"
    assert RU.country_name("??", "ru") == "??"
