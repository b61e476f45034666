"""native/plain_*.c read and write plain messages as message.py does, and leave all others to it.

Built here, so that they are held to that whether or not this box was compiled.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import appliance
from appliance.errors import DozvonError
from appliance.sip.header_names import KNOWN_NAMES
from appliance.sip.headers import Headers
from appliance.sip.message import (
    Request,
    Response,
    read_tolerantly,
    write_tolerantly,
)
from tests.kit.native import build_native
from tests.torture.verdicts import ROWS

NATIVE = Path(appliance.__file__).parent / "sip/native"
INVITE = (
    b"INVITE sip:2002@192.168.1.10;user=phone SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.168.1.57:5060;branch=z9hG4bK1;rport\r\n"
    b"v:  SIP/2.0/UDP 192.168.1.58 \t\r\n"
    b'From: "Front, \\"desk\\"" <sip:2001@192.168.1.10>;tag=1\r\n'
    b"To : <sip:2002@192.168.1.10>\r\nCall-ID: 1@a\r\nCSeq: 21 INVITE\r\nSubject:\r\n"
    b"X-Made-Up: 1\r\nContent-Length: 4\r\n\r\nv=0\r\nwhat is beyond is not ours"
)
OK = (
    b"SIP/2.0 200 All is well\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n"
)
#: What stands in INVITE -> what breaks it in its place; Python says what is to be thought of it.
NOT_PLAIN = {
    b"SIP/2.0\r\n": [b"SIP/2.1\r\n"],
    b"INVITE sip": [b"INVITE  sip", b"Invite sip"],
    b"\r\nCSeq": [b"\nCSeq", b"\rCSeq", b"\r\n \r\nCSeq"],
    b"Subject:": [
        b"Subject: \xd0\xb4\xd0\xb0",
        b"Subject: \xff",
        b"Subject: \x00",
        b"Subject",
        b"Sub ject:",
        b": x\r\nSubject:",
    ],
    b"v:": [b"V:"],
    b"X-Made-Up": [b"X" * 40],
    b"X-Made-Up: 1\r\n": [b"X-Made-Up: 1\r\n" * 200],
    b"Length: 4": [
        b"Length:" + figure for figure in (b" four", b" -4", b" 0000004", b" 4000", b"")
    ],
}
PIECES = st.sampled_from(
    [b"\r\n", b"\r", b"\n", b" ", b"\t", b":", b";", b"\x00", b"\xff", b"SIP/2.0", b"l: 3", b"ACK"]
)
FEW = settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Any:
    module = build_native(NATIVE / "plain_reader.c", tmp_path_factory.mktemp("reader"))
    module.know_names(KNOWN_NAMES)
    return module


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return build_native(NATIVE / "plain_writer.c", tmp_path_factory.mktemp("writer"))


def in_python(data: bytes) -> Any:
    """What read_message should give, by the reader in Python; None for what it refuses."""
    try:
        message = read_tolerantly(data)
    except DozvonError:
        return None
    is_request = isinstance(message, Request)
    first = (message.method, message.uri, 0) if is_request else (message.reason, "", message.status)
    fields = list(message.headers.fields())
    values = {key: [v for k, _, v in fields if k == key] for key, _, _ in fields}
    firsts = {key: found[0] for key, found in values.items()}
    more = {key: found for key, found in values.items() if len(found) > 1}
    assert not is_request or message.version == "SIP/2.0"
    return (*first, firsts, more or None, message.body)


def is_alike(reader: Any, data: bytes) -> bool:
    """False when it is left to Python; the test fails when it is read otherwise."""
    read = reader.read_message(data)
    if read is None:
        return False
    assert read == in_python(data)
    assert reader.read_fields(data) == list(read_tolerantly(data).headers.fields())
    return True


def test_ordinary_messages_are_plain(reader: Any) -> None:
    for data in (
        INVITE,
        OK,
        b"OPTIONS sip:a SIP/2.0\r\n\r\n",
        b"SIP/2.0 100\r\nTo: <sip:a>\r\n\r\n",
    ):
        assert is_alike(reader, data)
    assert reader.read_message(INVITE)[5] == b"v=0\r"
    assert reader.read_message(INVITE)[4]["via"] == [
        "SIP/2.0/UDP 192.168.1.57:5060;branch=z9hG4bK1;rport",
        "SIP/2.0/UDP 192.168.1.58",
    ]


@pytest.mark.parametrize(
    ("good", "bad"), [(good, bad) for good, others in NOT_PLAIN.items() for bad in others]
)
def test_what_is_not_plain_is_left_to_python(reader: Any, good: bytes, bad: bytes) -> None:
    assert good in INVITE
    assert reader.read_message(INVITE.replace(good, bad, 1)) is None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_of_the_torture_messages_no_plain_one_is_read_otherwise(reader: Any, row: Any) -> None:
    is_alike(reader, row.read())


def test_some_torture_messages_are_plain(reader: Any) -> None:
    assert sum(reader.read_message(row.read()) is not None for row in ROWS) >= 20


@FEW
@given(data=st.data())
def test_damaged_messages_are_read_alike_or_left(reader: Any, data: st.DataObject) -> None:
    message = data.draw(st.sampled_from([INVITE, OK, *(row.read() for row in ROWS)]))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(message)))
        end = start + data.draw(st.integers(0, 12))
        message = message[:start] + data.draw(PIECES | st.binary(max_size=3)) + message[end:]
    is_alike(reader, message)


def written(start: Request | Response) -> bytes | None:
    try:
        return write_tolerantly(start)
    except DozvonError:
        return None


@FEW
@given(
    reason=st.text(max_size=8),
    fields=st.lists(st.tuples(st.sampled_from(["Via", "l", "X-A", "Дa"]), st.text(max_size=12))),
    body=st.binary(max_size=9),
)
def test_messages_are_written_alike(
    writer: Any, reason: str, fields: list[tuple[str, str]], body: bytes
) -> None:
    response = Response(200, reason, Headers(fields), body)
    made = writer.write_message(response.start_line, response.headers.listed(), body)
    assert made is None or made == written(response)
    if all(
        text.isascii() and text.isprintable() for pair in [(reason, ""), *fields] for text in pair
    ):
        assert made is not None


def test_no_value_breaks_its_line(writer: Any) -> None:
    for value in ("a\r\nB: c", "a\n", "a\r", "\udcff"):
        assert writer.write_message("SIP/2.0 200 OK", [("x", "X", value)], b"") is None


def test_what_is_no_message_is_a_type_error(reader: Any, writer: Any) -> None:
    for wrong in ("text", None, bytearray(b"a")):
        with pytest.raises(TypeError):
            reader.read_message(wrong)
    with pytest.raises(TypeError):
        writer.write_message("a", (), b"")
    assert writer.write_message("a", [("x", "X")], b"") is None
