"""DHCP questions and answers in octets."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from appliance.net.dhcp_packets import (
    ACK,
    DISCOVER,
    INFORM,
    OFFER,
    PHONE_OPTIONS,
    decode_answer,
    encode_question,
)

MAC = bytes.fromhex("805ec0a1b2c3")


def answer(kind: int = OFFER, *more: tuple[int, bytes], server: bool = True) -> bytes:
    """As a server sends it (RFC 2131 §2)."""
    head = struct.pack("!BBBBIHH16s16s192s", 2, 1, 6, 0, 77, 0, 0, bytes(16), MAC, bytes(192))
    options = [(53, bytes((kind,))), *([(54, bytes((10, 0, 0, 1)))] if server else []), *more]
    body = b"".join(bytes((c, len(v))) + v for c, v in options)
    return head + b"\x63\x82\x53\x63" + b"\0" + body + b"\xff"


def test_a_question_asks_for_what_phones_ask() -> None:
    data = encode_question(DISCOVER, 77, MAC, "10.0.0.5", "yealink")
    assert data[:4] == b"\x01\x01\x06\x00" and data[4:8] == struct.pack("!I", 77)
    assert data[10:12] == b"\x80\x00" and data[12:16] == bytes(4) and data[28:34] == MAC
    assert b"\x3c\x07yealink" in data and b"\x35\x01\x01" in data
    wanted = data.partition(b"\x37")[2]
    assert set(PHONE_OPTIONS) <= set(wanted[1 : 1 + wanted[0]])
    inform = encode_question(INFORM, 77, MAC, "10.0.0.5", "")
    assert inform[10:16] == b"\0\0" + bytes((10, 0, 0, 5)) and b"\x3c" not in inform[240:]


def test_an_answer_is_read() -> None:
    read = decode_answer(answer(OFFER, (66, b"http://10.0.0.1"), (66, b":8088/"), (0x2B, b"")))
    assert read is not None and (read.transaction, read.server, read.kind) == (
        77,
        "10.0.0.1",
        OFFER,
    )
    assert read.options[66] == b"http://10.0.0.1:8088/", "long ones come in parts"
    assert (decode_answer(answer(ACK)) or read).kind == ACK


def test_what_is_no_answer() -> None:
    assert decode_answer(b"") is None
    assert decode_answer(answer(1)) is None, "a DISCOVER of somebody else"
    assert decode_answer(b"\x01" + answer()[1:]) is None
    assert decode_answer(answer().replace(b"\x63\x82", b"xx")) is None
    cut = decode_answer(answer(OFFER, (66, b"http://10.0.0.1"))[:-6])
    assert cut is not None and 66 not in cut.options


@given(st.binary(max_size=600))
def test_any_octets_are_an_answer_or_none(data: bytes) -> None:
    decode_answer(data)
    decode_answer(answer()[:-1] + data)
