"""Tests of drivers/cellular/pdu.py and gsm7.py: known vectors, and the kit's network as a judge."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.cellular import gsm7
from drivers.cellular.pdu import PduError, Place, decode_deliver, encode_address, encode_submits
from tests.kit.gsm_messages import Arriving, read_submit, write_deliver

NUMBER = "+79161234567"
PLAIN = "".join(chr(code) for code in range(32, 127) if chr(code) != "`") + "£¥èØåΔΩÄñ€\n\f"
plain_texts = st.text(alphabet=PLAIN, max_size=700)
any_texts = st.text(max_size=400, alphabet=st.characters(exclude_categories=("Cs",)))


def test_the_word_test_in_cyrillic_is_the_known_vector() -> None:
    [submit] = encode_submits(NUMBER, "Тест", 0)
    assert submit.tpdu_octets == 21
    assert submit.hex_text == "0001000B919761214365F70008080422043504410442"


def test_hello_packs_to_the_known_octets() -> None:
    septets = [code for letter in "hello" for code in gsm7.encode_septets(letter)]
    assert gsm7.pack(septets).hex().upper() == "E8329BFD06"
    assert gsm7.decode_septets(gsm7.unpack(bytes.fromhex("E8329BFD06"), 5)) == "hello"


@pytest.mark.parametrize(
    ("hex_text", "sender", "text", "sent_at"),
    [
        (  # an example that has been in circulation for decades
            "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07",
            "+31641600986",
            "How are you?",
            "2002-08-26T19:37:41+00:00",
        ),
        (
            "0004039108F900086211729003000004041F0440",
            "+809",
            "Пр",
            "2026-11-27T09:30:00+00:00",
        ),
    ],
)
def test_known_messages_are_read(hex_text: str, sender: str, text: str, sent_at: str) -> None:
    message = decode_deliver(hex_text)
    assert message is not None
    assert (message.sender, message.text, message.sent_at) == (sender, text, sent_at)


@pytest.mark.parametrize(
    ("number", "octets"),
    [
        ("+79161234567", "0B919761214365F7"),
        ("112", "038111F2"),
        ("89161234567", "0B819861214365F7"),
        ("*100#", "05811A00FB"),
    ],
)
def test_addresses(number: str, octets: str) -> None:
    assert encode_address(number).hex().upper() == octets


@pytest.mark.parametrize("number", ["", "+", "12a4x", "1" * 21, "МТС", "+7 916"])
def test_what_is_no_number_is_refused(number: str) -> None:
    with pytest.raises(PduError):
        encode_submits(number, "x", 0)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("", 1),
    ],
)
def test_as_many_parts_as_the_standard_says(text: str, parts: int) -> None:
    submits = encode_submits(NUMBER, text, 77)
    assert len(submits) == parts
    assert "".join(read_submit(submit.hex_text).text for submit in submits) == text


def test_neither_an_escape_nor_a_surrogate_pair_is_torn() -> None:
    """153 and 67 are odd, pairs are even: each part holds one unit less."""
    for text, length in (("€" * 100, 76), ("😀" * 60, 33)):
        first = read_submit(encode_submits(NUMBER, text, 5)[0].hex_text)
        assert first.text == text[0] * length


def test_more_than_255_parts_are_refused() -> None:
    assert len(encode_submits(NUMBER, "a" * 153 * 255, 0)) == 255
    with pytest.raises(PduError):
        encode_submits(NUMBER, "a" * (153 * 255 + 1), 0)


@settings(max_examples=150, deadline=None)
@given(plain_texts | any_texts, st.integers(0, 0xFFFF), st.booleans())
def test_what_is_written_is_read_by_the_network(text: str, reference: int, is_wide: bool) -> None:
    submits = encode_submits(NUMBER, text, reference, has_wide_reference=is_wide)
    read = [read_submit(submit.hex_text) for submit in submits]
    assert "".join(message.text for message in read) == text
    assert {message.number for message in read} == {NUMBER}
    assert [m.tpdu_octets for m in read] == [s.tpdu_octets for s in submits]
    if len(read) > 1:
        wanted = reference if is_wide else reference & 0xFF
        assert [m.place for m in read] == [(wanted, len(read), i + 1) for i in range(len(read))]


@settings(max_examples=150, deadline=None)
@given(
    st.from_regex(r"\+?[0-9]{1,20}", fullmatch=True)
    | st.text("ABCDEFGHabcdefgh -€", min_size=1, max_size=5),
    st.text(alphabet=PLAIN, max_size=140) | st.text("Жук ёж😀a", max_size=30),
    st.none() | st.tuples(st.integers(0, 255), st.just(3), st.integers(1, 3)),
    st.booleans(),
    st.integers(-48, 56),
)
def test_what_the_network_writes_is_read(
    sender: str, text: str, place: tuple[int, int, int] | None, is_wide: bool, zone: int
) -> None:
    text = text[:60]
    message = decode_deliver(write_deliver(Arriving(sender, text, place, is_wide, zone=zone)))
    assert message is not None
    assert message.text == text
    assert message.sender.rstrip("@") == sender.rstrip("@")
    assert message.place == (Place(*place) if place else None)
    assert message.sent_at.startswith("2026-11-27T09:30:00" + ("-" if zone < 0 else "+"))


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=200))
def test_any_octets_are_a_message_or_an_error(octets: bytes) -> None:
    try:
        decode_deliver(octets.hex())
    except PduError:
        return


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_damaged_message_is_a_message_or_an_error(data: st.DataObject) -> None:
    whole = bytes.fromhex(write_deliver(Arriving(NUMBER, "Жук", (1, 3, 2))))
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 4))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode_deliver(damaged.hex())
    except PduError:
        return


@pytest.mark.parametrize("hex_text", ["", "0", "zz", "00", "0004", "0004FF91"])
def test_what_is_no_message_is_an_error(hex_text: str) -> None:
    with pytest.raises(PduError):
        decode_deliver(hex_text)


def test_reports_and_drafts_are_nobodys_message() -> None:
    assert decode_deliver("0006" + "00" * 20) is None
    assert decode_deliver(encode_submits(NUMBER, "draft", 0)[0].hex_text) is None


@pytest.mark.parametrize(
    ("scheme", "text"),
    [("00", "hello"), ("F1", "hello"), ("11", "hello"), ("C8", "hello"), ("04", "E8 32 9B FD 06")],
)
def test_classes_of_coding(scheme: str, text: str) -> None:
    length = "05"
    message = decode_deliver(f"0004039108F900{scheme}62117290030000{length}E8329BFD06")
    assert message is not None and message.text == text


def test_a_compressed_text_is_told_not_shown() -> None:
    with pytest.raises(PduError):
        decode_deliver("0004039108F900206211729003000005E8329BFD06")
