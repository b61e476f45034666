"""Caller id: the vectors of analog-lines §5.4, all forms there and back, damage refused."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.caller_id import (
    MessageWaiting,
    checksum,
    decode_aon,
    decode_dtmf,
    decode_fsk,
    encode_dtmf,
    encode_mdmf,
    read_caller_id,
)
from drivers.caller_name import decode_name, encode_name, latin
from drivers.events import CallerIdRecord, CallerIdStatus
from tests.kit.line_signals import aon_symbols

IVANOV = CallerIdRecord("4951234567", "IVANOV", "11220930", source="fsk")
MDMF_VECTOR = bytes.fromhex(
    "801E 0108 3131323230393330 020A 34393531323334353637 0706 4956414E4F56 CD".replace(" ", "")
)
SDMF_VECTOR = bytes.fromhex("0412 3131323230393330 34393531323334353637 4A".replace(" ", ""))
WITHHELD = CallerIdRecord("", time="11220930", status=CallerIdStatus.WITHHELD, source="fsk")
UNAVAILABLE = CallerIdRecord("", time="11220930", status=CallerIdStatus.UNAVAILABLE, source="fsk")


def summed(message: bytes) -> bytes:
    return message + bytes([checksum(message)])


def test_the_vectors():
    assert encode_mdmf(IVANOV) == MDMF_VECTOR
    assert decode_fsk(MDMF_VECTOR) == IVANOV
    assert decode_fsk(SDMF_VECTOR) == CallerIdRecord("4951234567", "", "11220930", source="fsk")


@pytest.mark.parametrize("record", [WITHHELD, UNAVAILABLE])
def test_why_there_is_no_number(record):
    assert decode_fsk(encode_mdmf(record)) == record
    letter = b"P" if record is WITHHELD else b"O"
    assert decode_fsk(summed(b"\x04\x09" + b"11220930" + letter)) == record


@pytest.mark.parametrize("is_waiting", [True, False])
def test_message_waiting(is_waiting):
    octet = b"\xff" if is_waiting else b"\x00"
    assert decode_fsk(summed(b"\x82\x03\x0b\x01" + octet)) == MessageWaiting(is_waiting)


def test_message_waiting_in_the_short_form():
    for octet, is_waiting in ((0x42, True), (0x6F, False)):
        head = bytes([0x06, 3, octet, octet, octet])
        assert decode_fsk(summed(head)) == MessageWaiting(is_waiting)


@pytest.mark.parametrize("message", [MDMF_VECTOR, SDMF_VECTOR])
def test_no_single_wrong_bit_passes(message):
    for i in range(len(message) * 8):
        damaged = bytearray(message)
        damaged[i // 8] ^= 1 << i % 8
        with pytest.raises(ValueError, match="caller id"):
            decode_fsk(bytes(damaged))


def test_unknown_parameters_are_passed_over():
    body = bytes.fromhex("11 01 01 02 03 313233 13 02 0000".replace(" ", ""))
    head = bytes([0x80, len(body)]) + body
    record = decode_fsk(head + bytes([checksum(head)]))
    assert record == CallerIdRecord("123", source="fsk")


@given(
    number=st.text("0123456789", min_size=3, max_size=20),
    name=st.text("ABCDEFGHIJ KLMNOPQRSTUVWXYZ", max_size=15),
)
def test_there_and_back(number, name):
    record = CallerIdRecord(number, name.strip(), "12312359", source="fsk")
    assert decode_fsk(encode_mdmf(record)) == record


@given(st.binary(max_size=64))
def test_any_octets_are_a_record_or_an_error(octets):
    for method in ("fsk", "dtmf", "aon"):
        try:
            found = read_caller_id(method, octets)
        except (ValueError, UnicodeDecodeError):
            continue
        assert isinstance(found, CallerIdRecord | MessageWaiting)


def test_a_plus_and_spaces_do_not_reach_the_phone():
    assert decode_fsk(encode_mdmf(CallerIdRecord("+7 (495) 123-45-67"))).number == "74951234567"


# ---- names


@pytest.mark.parametrize(
    "name", ["ИВАНОВ", "Иванов", "Кузнецова Анна", "ООО Ромашка", "Щёлково", "склад"]
)
@pytest.mark.parametrize("page", ["utf-8", "cp1251", "koi8-r"])
def test_cyrillic_names_are_read_in_any_code_page(name, page):
    assert decode_name(name.encode(page)) == name


def test_what_cannot_be_read_is_shown_in_hexadecimal():
    assert decode_name(b"\x98\x01\xff") == "9801ff"


def test_names_in_latin_letters():
    assert latin("Щукин Юрий") == "Shchukin Yuriy"
    assert latin("ЩУКИН") == "SHCHUKIN"
    assert encode_name("Иванов") == b"Ivanov"
    assert encode_name("Иванов", "cp1251") == "Иванов".encode("cp1251")
    assert encode_name("日本") == b"??"


# ---- DTMF


@pytest.mark.parametrize("form", ["A{}C", "D{}C", "A{}#", "D{}#", "{}#"])
def test_dtmf_forms(form):
    keys = encode_dtmf(IVANOV, form)
    assert decode_dtmf(keys) == CallerIdRecord("4951234567", source="dtmf")


@pytest.mark.parametrize(
    ("keys", "number", "status"),
    [
        ("B10C", "", CallerIdStatus.WITHHELD),
        ("B00C", "", CallerIdStatus.UNAVAILABLE),
        ("A1234567D7654321C", "1234567", CallerIdStatus.GIVEN),
        ("A1234567D7654321B00C", "1234567", CallerIdStatus.GIVEN),
        ("D1#", "", CallerIdStatus.WITHHELD),
        ("D2#", "", CallerIdStatus.UNAVAILABLE),
        ("D3#", "", CallerIdStatus.UNAVAILABLE),
        ("1234567", "1234567", CallerIdStatus.GIVEN),
    ],
)
def test_dtmf_that_networks_send(keys, number, status):
    assert decode_dtmf(keys) == CallerIdRecord(number, status=status, source="dtmf")


def test_dtmf_of_a_hidden_caller():
    assert decode_dtmf(encode_dtmf(WITHHELD)).status is CallerIdStatus.WITHHELD
    assert decode_dtmf(encode_dtmf(UNAVAILABLE)).status is CallerIdStatus.UNAVAILABLE


@pytest.mark.parametrize("keys", ["", "12", "AAC", "1A2C", "A123", "B99C"])
def test_keys_that_are_no_caller_id(keys):
    with pytest.raises(ValueError, match="none"):
        decode_dtmf(keys)


# ---- AON


def test_an_aon_packet():
    assert aon_symbols("1234567", "3", packets=1) == "S37654321"
    assert aon_symbols("1223334", packets=1) == "S143R3" + "2R1"


@pytest.mark.parametrize("number", ["1234567", "1111111", "9000009", "2233445", "7654321"])
def test_aon_may_begin_anywhere(number):
    symbols = aon_symbols(number, packets=3)
    for start in range(9):
        heard = symbols[start : start + 20].lstrip("R")
        assert decode_aon(heard).number == number


def test_aon_votes():
    """One symbol in thirty unreadable or wrong, four packets: nearly all numbers come through,
    and hardly any comes out wrong."""
    rng, right, wrong = random.Random(11), 0, 0
    for _ in range(500):
        number = "".join(rng.choice("0123456789") for _ in range(7))
        heard = "".join(
            rng.choice("?0123456789") if rng.random() < 1 / 30 else symbol
            for symbol in aon_symbols(number, packets=4)
        )
        try:
            found = decode_aon(heard).number
        except ValueError:
            continue
        right += found == number
        wrong += found != number
    print(f"AON with one symbol in thirty damaged: {right}/500 right, {wrong} wrong")
    assert right >= 480 and wrong <= 10


@pytest.mark.parametrize("symbols", ["", "S", "1234567", "S123", "S1234567?"])
def test_too_little_aon(symbols):
    with pytest.raises(ValueError, match="too little"):
        decode_aon(symbols)
