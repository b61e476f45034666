"""TFTP packets: what is read of a request, what is agreed on, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.tftp_packets import (
    LARGEST_REQUEST_OCTETS,
    ErrorCode,
    RefusedPacket,
    Terms,
    decode_ack,
    decode_request,
    encode_data,
    encode_error,
    encode_option_ack,
    negotiate,
)


def request(*parts: bytes, kind: bytes = b"\x00\x01") -> bytes:
    return kind + b"".join(part + b"\0" for part in parts)


def test_a_request_is_read() -> None:
    data = request(b"805ec0a1b2c3.cfg", b"octet", b"BLKSIZE", b"1428", b"tsize", b"0", b"odd")
    read = decode_request(data)
    assert read.path == "/805ec0a1b2c3.cfg"
    assert read.options == {"blksize": "1428", "tsize": "0"}
    assert read.octets == len(data)


@pytest.mark.parametrize("name", [b"a", b"/a", b"//a", b"\\a"])
def test_names_have_one_leading_slash(name: bytes) -> None:
    assert decode_request(request(name, b"OCTET")).path == "/a"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", ErrorCode.ILLEGAL_OPERATION),
        (b"\0", ErrorCode.ILLEGAL_OPERATION),
        (b"\0\x01", ErrorCode.ILLEGAL_OPERATION),
        (b"\xff" * 100, ErrorCode.ILLEGAL_OPERATION),
        (request(b"a", b"netascii"), ErrorCode.ILLEGAL_OPERATION),
        (request(b"a", b"mail"), ErrorCode.ILLEGAL_OPERATION),
        (request(b"a"), ErrorCode.ILLEGAL_OPERATION),
        (request(b"a", b"octet")[:-1], ErrorCode.ILLEGAL_OPERATION),
        (request(b"a", b"octet", kind=b"\x00\x02"), ErrorCode.ACCESS_VIOLATION),
        (request(b"a", b"octet", kind=b"\x00\x03"), ErrorCode.ILLEGAL_OPERATION),
        (request(b"", b"octet"), ErrorCode.FILE_NOT_FOUND),
        (request(b"x" * 256, b"octet"), ErrorCode.FILE_NOT_FOUND),
        (request(b"x" * 65000, b"octet"), ErrorCode.ILLEGAL_OPERATION),
        (request(b"a\nb", b"octet"), ErrorCode.FILE_NOT_FOUND),
        (request("ж".encode(), b"octet"), ErrorCode.FILE_NOT_FOUND),
    ],
)
def test_what_is_refused(data: bytes, code: ErrorCode) -> None:
    with pytest.raises(RefusedPacket) as refused:
        decode_request(data)
    assert refused.value.code is code


@given(st.binary(max_size=LARGEST_REQUEST_OCTETS + 10))
def test_any_octets_are_a_request_or_refused(data: bytes) -> None:
    try:
        read = decode_request(data)
    except RefusedPacket:
        return
    assert read.path.startswith("/") and read.path.isprintable()


@pytest.mark.parametrize(
    ("options", "terms"),
    [
        ({}, Terms()),
        ({"blksize": "1428"}, Terms(1428, accepted={"blksize": "1428"})),
        ({"blksize": "65464"}, Terms(1468, accepted={"blksize": "1468"})),
        ({"blksize": "8"}, Terms(8, accepted={"blksize": "8"})),
        ({"blksize": "7"}, Terms()),
        ({"blksize": "0"}, Terms()),
        ({"blksize": "-1"}, Terms()),
        ({"blksize": "abc"}, Terms()),
        ({"blksize": "٣٢"}, Terms()),
        ({"blksize": "9" * 4000}, Terms()),
        ({"windowsize": "65535"}, Terms(window=16, accepted={"windowsize": "16"})),
        ({"windowsize": "0"}, Terms()),
        ({"timeout": "3"}, Terms(timeout_s=3, accepted={"timeout": "3"})),
        ({"timeout": "255"}, Terms()),
        ({"tsize": "0"}, Terms(accepted={"tsize": "777"})),
        ({"multicast": ""}, Terms()),
    ],
)
def test_options_are_agreed_on(options: dict[str, str], terms: Terms) -> None:
    assert negotiate(options, 777) == terms


def test_answers_in_octets() -> None:
    assert encode_data(65537, b"ab") == b"\x00\x03\x00\x01ab"
    assert encode_option_ack({"tsize": "5"}) == b"\x00\x06tsize\x005\x00"
    assert encode_error(ErrorCode.FILE_NOT_FOUND, "no") == b"\x00\x05\x00\x01no\x00"
    assert decode_ack(b"\x00\x04\x01\x02") == 258
    assert decode_ack(b"\x00\x03\x01\x02") is None
    assert decode_ack(b"\x00\x04") is None
    with pytest.raises(RefusedPacket):
        decode_ack(b"\x00\x05\x00\x00bye\x00")
