"""native/plain_values.c reads plain values as Python does, and leaves all others to it.

Built here, so that it is held to that whether or not this box was compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import appliance
from appliance.errors import RemoteProtocolError
from appliance.sip.digest import parse_digest_tolerantly
from appliance.sip.grammar import parse_params_tolerantly
from appliance.sip.headers import parse_name_addr_tolerantly, parse_via_tolerantly
from tests.kit.native import build_native
from tests.torture.verdicts import ROWS

SOURCE = Path(appliance.__file__).parent / "sip/native/plain_values.c"
DIGEST = (
    'Digest username="2001", realm="office", nonce="0a1b", uri="sip:192.168.1.10;transport=UDP", '
    'response="d41d8cd98f00b204e9800998ecf8427e",algorithm=MD5, cnonce="", qop=auth, nc=00000001'
)
#: reader -> what is plain, and must be read by C.
PLAIN = {
    "read_params": [
        ";branch=z9hG4bK1;rport",
        "; a = b ;;C=d;c=e;tag=",
        "lr",
        ";expires=60;q=0.7;+u.n=1",
    ],
    "read_name_addr": [
        "<sip:2001@192.168.1.10>;tag=1",
        '"Front desk" <sip:2001@192.168.1.10>',
        '"" <sip:a@b>',
        " Front  desk <sip:a@b;transport=udp?Subject=x> ;tag=A ; x",
        "<tel:+7800>",
    ],
    "read_via": [
        "SIP/2.0/UDP 192.168.1.57:5060;branch=z9hG4bK1;rport",
        "SIP/2.0/TCP Phone_1.Example.ORG",
        "SIP/2.0/WS df7jal23ls0d.invalid;received=1.2.3.4",
    ],
    "read_cseq": ["1 INVITE", "314159 x-own", "0 ACK", "999999999 BYE"],
    "read_figure": ["0", "70", "000000070"],
    "read_digest": [DIGEST, 'DIGEST Realm="x"', 'Digest nonce="a, b",nonce="c"', "Digest qop="],
}
#: reader -> what is not, whatever Python says of it.
NOT_PLAIN = {
    "read_params": [';a="b"', ";a=<b>", f";{'n' * 65}=1", ";a=\u0434"],
    "read_name_addr": [
        "sip:a@b;tag=1",
        "*",
        "",
        '"a\\"b" <sip:a@b>',
        '"a <sip:a@b>',
        "<sip:a@b",
        "<>",
        "<sip:a b@c>",
        "<sip:a@b> x",
        '<sip:a@b>;x="y"',
        "a;b <sip:a@b>",
    ],
    "read_via": [
        "SIP/2.0/UDP a, SIP/2.0/UDP b",
        "SIP / 2.0 / UDP a",
        "SIP/2.0/UDP [::1]:5060",
        "SIP/2.0/UDP a:0",
        "SIP/2.0/UDP a:65536",
        "SIP/2.0/UDP a:",
        "SIP/2.0/UDP a :5060",
        "SIP/2.0/udp a",
        "SIP/2.0/UDP -._",
        "SIP/2.0/UDP",
        "SIP/3.0/UDP a",
    ],
    "read_cseq": [
        "1  INVITE",
        "x INVITE",
        "1 ",
        "1",
        "-1 ACK",
        "1 A B",
        "1234567890 ACK",
        " 1 ACK",
    ],
    "read_figure": ["", " 7", "-7", "7.0", "1234567890", "\u0661"],
    "read_digest": [
        "Basic abc",
        "Digest",
        "Digest ",
        "Digest a=b,",
        'Digest a="b" c=d',
        'Digest a="\\""',
        "Digest a=b c",
        "Digest a-b=c",
    ],
}


def cseq(text: str) -> tuple[int, str]:
    number, method = text.split()
    return figure(number), method


def figure(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise RemoteProtocolError("no figure")
    return int(text)


def name_addr(text: str) -> Any:
    read = parse_name_addr_tolerantly(text)
    return read.display, read.uri, read.params


def via(text: str) -> Any:
    read = parse_via_tolerantly(text)
    return read.transport, read.host, read.port, read.params


IN_PYTHON: dict[str, Callable[[str], Any]] = {
    "read_params": parse_params_tolerantly,
    "read_name_addr": name_addr,
    "read_via": via,
    "read_cseq": cseq,
    "read_figure": figure,
    "read_digest": parse_digest_tolerantly,
}
PIECES = st.sampled_from(
    [*' \t;,="\\<>:@?/]\x00\x1f\x7f', "\u0434", "\udcff", "0", "65536", "ab", "\r\n"]
)
FEW = settings(
    max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return build_native(SOURCE, tmp_path_factory.mktemp("values"))


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, texts in PLAIN.items() for t in texts])
def test_plain_values_are_read_as_in_python(values: Any, name: str, text: str) -> None:
    read = getattr(values, name)(text)
    assert read is not None and read == IN_PYTHON[name](text)
    if isinstance(read, dict):
        assert list(read) == list(IN_PYTHON[name](text))


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, ts in NOT_PLAIN.items() for t in ts])
def test_what_is_not_plain_is_left_to_python(values: Any, name: str, text: str) -> None:
    assert getattr(values, name)(text) is None


def test_nothing_but_texts_is_plain(values: Any) -> None:
    assert all(getattr(values, name)(b"1") is None for name in PLAIN)


def in_torture_messages() -> list[str]:
    """Every line's value, whatever it is the value of."""
    texts = [row.read().decode("utf-8", "surrogateescape") for row in ROWS]
    return [line.partition(":")[2].strip(" \t\r") for text in texts for line in text.split("\n")]


def test_values_of_the_torture_messages_are_read_alike(values: Any) -> None:
    texts = in_torture_messages()
    assert sum(is_alike(values, name, text) for name in PLAIN for text in texts) >= 100


def is_alike(values: Any, name: str, text: str) -> bool:
    """False when it is left to Python; the test fails when it is read otherwise."""
    read = getattr(values, name)(text)
    assert read is None or read == IN_PYTHON[name](text)
    return read is not None


@FEW
@given(data=st.data())
def test_damaged_values_are_read_alike_or_left(values: Any, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(PLAIN)))
    text = data.draw(st.sampled_from([*PLAIN[name], *NOT_PLAIN[name]]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 6))
        text = text[:start] + data.draw(PIECES | st.text(max_size=2)) + text[end:]
    is_alike(values, name, text)
