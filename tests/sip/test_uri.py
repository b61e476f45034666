"""URIs: read, written, compared."""

from __future__ import annotations

import pytest

from appliance.errors import RemoteProtocolError
from appliance.sip.uri import Uri, format_uri, parse_host_port, parse_uri, same_uri


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("sip:example.com", Uri("sip", "", "example.com")),
        ("sips:alice@example.com:5061", Uri("sips", "alice", "example.com", 5061)),
        ("sip:alice:pw@h", Uri("sip", "alice", "h", password="pw")),
        ("sip:alice:@h", Uri("sip", "alice", "h", password="")),
        ("sip:a;b=c@h;d", Uri("sip", "a;b=c", "h", params={"d": None})),
        ("sip:*97#@h", Uri("sip", "*97#", "h")),
        ("sip:%23@h", Uri("sip", "%23", "h")),
        ("sip:Фёдор@h", Uri("sip", "Фёдор", "h")),
        ("sip:a@my_host.lan", Uri("sip", "a", "my_host.lan")),
        ("sip:a@[2001:db8::1]", Uri("sip", "a", "2001:db8::1")),
        ("sip:a@[::ffff:192.0.2.1]:5062", Uri("sip", "a", "::ffff:192.0.2.1", 5062)),
        (
            "sip:a@h;transport=TCP;lr;ob?Replaces=x%40y&Subject=z",
            Uri(
                "sip",
                "a",
                "h",
                params={"transport": "TCP", "lr": None, "ob": None},
                headers="Replaces=x%40y&Subject=z",
            ),
        ),
        ("sip:a@h?Replaces=1", Uri("sip", "a", "h", headers="Replaces=1")),
        ("tel:+74951234567", Uri("tel", "+74951234567", "")),
        ("tel:112;phone-context=+7", Uri("tel", "112", "", params={"phone-context": "+7"})),
        ("tel:8(495)123-45-67", Uri("tel", "8(495)123-45-67", "")),
    ],
)
def test_read_and_written_again(text: str, uri: Uri) -> None:
    assert parse_uri(text) == uri
    assert format_uri(uri) == text


def test_scheme_and_host_in_lower_case_user_as_written() -> None:
    uri = parse_uri("SIP:Alice@EXAMPLE.com;Transport=TCP")
    assert uri == Uri("sip", "Alice", "example.com", params={"transport": "TCP"})


def test_an_at_sign_that_should_be_escaped() -> None:
    account = parse_uri("sip:me@provider.example@192.0.2.1:5070;ob")
    assert (account.user, account.host, account.port) == ("me@provider.example", "192.0.2.1", 5070)
    replaces = parse_uri("sip:bob@192.0.2.1;x=1?Replaces=77@10.0.0.1;to-tag=1")
    assert (replaces.user, replaces.host) == ("bob", "192.0.2.1")
    assert replaces.headers == "Replaces=77@10.0.0.1;to-tag=1"


def test_long_uris_are_read_and_not_remembered() -> None:
    text = f"sip:{'x' * 5000}@h"
    assert parse_uri(text).user == "x" * 5000
    assert parse_uri(text) is not parse_uri(text)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 400),
        ("sip", 400),
        ("sip:", 400),
        ("sip:@h", 400),
        ("sip:a@", 400),
        ("sip:a@h:", None),
        ("sip:a@h:0", 400),
        ("sip:a@h:65536", 400),
        ("sip:a@h:5o60", 400),
        ("sip:a@h:-1", 400),
        ("sip:a@h o", 400),
        ("sip: a@h", 400),
        ("sip:a\x00@h", 400),
        ("sip:a\r\n@h", 400),
        ('sip:"a"@h', 400),
        ("sip:<a@h>", 400),
        ("sip:2001:db8::10", 400),
        ("sip:a@[2001:db8::10", 400),
        ("sip:a@[2001:db8::10]x", 400),
        ("sip:a@[192.0.2.1]", 400),
        ("sip:a@[zz::1]", 400),
        ("sip:a@[2001:db8:::10]", 400),
        ("sip:a@hö", 400),
        ("sip:a@h/path", 400),
        ("tel:", 400),
        ("tel:abc-xyz", 400),
        ("no scheme:x", 400),
        ("http://example.com", 416),
        ("nobodyKnowsThisScheme:totallyopaquecontent", 416),
        ("soap.beep://192.0.2.103:3002", 416),
    ],
)
def test_what_is_refused(text: str, status: int | None) -> None:
    if status is None:
        assert parse_uri(text).port is None
        return
    with pytest.raises(RemoteProtocolError) as caught:
        parse_uri(text)
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("h", ("h", None)),
        (" H:5060 ", ("h", 5060)),
        ("[2001:DB8::1]:5", ("2001:db8::1", 5)),
        ("[2001:db8:::192.0.2.1]", ("2001:db8::192.0.2.1", None)),
        ("[:::192.0.2.1]", ("::192.0.2.1", None)),
    ],
)
def test_host_and_port(text: str, found: tuple[str, int | None]) -> None:
    assert parse_host_port(text) == found


#: RFC 3261 §19.1.4.
SAME = [
    ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
    ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
    (
        "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
        "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
    ),
    (
        "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
        "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
    ),
    ("sip:a@h;%6Cr;n%61me=v", "sip:a@h;lr;name=%76"),
]
OTHER = [
    ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
    ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
    ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
    ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
    ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
    ("sip:a@h", "sips:a@h"),
    ("sip:a:b@h", "sip:a:c@h"),
    ("sip:a@h", "sip:a@h;maddr=192.0.2.1"),
    ("sip:a@h", "sip:a@h;user=phone"),
    ("sip:%FF@h", "sip:%FE@h"),
    ("sip:%00@h", "sip:%00%00@h"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_same(one: str, other: str) -> None:
    assert same_uri(parse_uri(one), parse_uri(other))
    assert same_uri(parse_uri(other), parse_uri(one))


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_not_same(one: str, other: str) -> None:
    assert not same_uri(parse_uri(one), parse_uri(other))
    assert not same_uri(parse_uri(other), parse_uri(one))
