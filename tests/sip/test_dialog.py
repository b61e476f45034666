"""Dialogs: route sets, targets, numbers, and where requests really go."""

from __future__ import annotations

import pytest

from appliance.errors import RemoteProtocolError
from appliance.sip.dialog import dialog_of_invite, dialog_of_response, hop_of_uri, is_literal
from appliance.sip.events import Hop, Transport
from appliance.sip.message import Request, Response, parse_message
from appliance.sip.uri import parse_uri

_SOURCE = Hop(Transport.UDP, "192.0.2.2", 5060)


def _invite(
    *fields: str, via: str = "192.0.2.2", contact: str | None = "<sip:a@192.0.2.2>"
) -> Request:
    lines = [
        "INVITE sip:b@192.0.2.1 SIP/2.0",
        f"Via: SIP/2.0/UDP {via};branch=z9hG4bK1",
        'From: "A, \\"x\\"" <sip:a@example.com>;tag=far',
        "To: <sip:b@192.0.2.1>",
        "Call-ID: c",
        "CSeq: 7 INVITE",
        *fields,
    ]
    if contact is not None:
        lines.append(f"Contact: {contact}")
    message = parse_message(("\r\n".join(lines) + "\r\n\r\n").encode())
    assert isinstance(message, Request)
    return message


def _answer(*fields: str) -> Response:
    lines = [
        "SIP/2.0 200 OK",
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
        "From: <sip:a@192.0.2.1>;tag=own",
        "To: <sip:b@192.0.2.2>;tag=far",
        "Call-ID: c",
        "CSeq: 7 INVITE",
        *fields,
    ]
    message = parse_message(("\r\n".join(lines) + "\r\n\r\n").encode())
    assert isinstance(message, Response)
    return message


def _request(uri: str = "sip:b@192.0.2.2") -> Request:
    request = Request("INVITE", uri)
    request.headers.add("From", "<sip:a@192.0.2.1>;tag=own")
    return request


def test_called_side_keeps_what_was_written() -> None:
    dialog = dialog_of_invite(_invite(), _SOURCE, "own")
    bye = dialog.request("BYE")
    assert bye.uri == "sip:a@192.0.2.2"
    assert bye.headers.get("To") == '"A, \\"x\\"" <sip:a@example.com>;tag=far'
    assert bye.headers.get("From") == "<sip:b@192.0.2.1>;tag=own"
    assert bye.cseq.number == 1
    assert dialog.request("INVITE").cseq.number == 2
    assert dialog.request("ACK", 2).cseq.number == 2


def test_numbers_of_the_far_end() -> None:
    dialog = dialog_of_invite(_invite(), _SOURCE, "own")
    assert [dialog.is_in_order(n) for n in (8, 8, 7, 12, 9)] == [True, True, False, True, False]


def test_loose_routes_in_both_roles() -> None:
    routes = "Record-Route: <sip:192.0.2.9:5080;lr>, <sip:p2.example.com;lr>"
    called = dialog_of_invite(_invite(routes), _SOURCE, "own")
    bye = called.request("BYE")
    assert bye.uri == "sip:a@192.0.2.2"
    assert bye.headers.get_all("Route") == ["<sip:192.0.2.9:5080;lr>", "<sip:p2.example.com;lr>"]
    assert called.hop == Hop(Transport.UDP, "192.0.2.9", 5080)
    caller = dialog_of_response(_request(), _answer(routes, "Contact: <sip:b@192.0.2.7>"), _SOURCE)
    bye = caller.request("BYE")
    assert bye.headers.get_all("Route") == ["<sip:p2.example.com;lr>", "<sip:192.0.2.9:5080;lr>"]
    assert caller.hop == _SOURCE  # a name is not resolved here: the way that worked is kept
    assert bye.cseq.number == 8


@pytest.mark.parametrize("route", ["<sip:192.0.2.9>", "<sip:192.0.2.9;lrx>", "<sip:;lr@192.0.2.9>"])
def test_strict_router_gets_its_own_uri(route: str) -> None:
    routes = f"Record-Route: {route}, <sip:192.0.2.8;lr>"
    dialog = dialog_of_invite(_invite(routes), _SOURCE, "own")
    bye = dialog.request("BYE")
    assert bye.uri == route.strip("<>")
    assert bye.headers.get_all("Route") == ["<sip:192.0.2.8;lr>", "<sip:a@192.0.2.2>"]


@pytest.mark.parametrize("flag", [";lr", ";LR", ";lr=on", ";transport=udp;lr"])
def test_what_makes_a_router_loose(flag: str) -> None:
    routes = f"Record-Route: <sip:192.0.2.9{flag}>"
    assert dialog_of_invite(_invite(routes), _SOURCE, "own").request("BYE").uri == "sip:a@192.0.2.2"


@pytest.mark.parametrize(
    "contact", [None, "*", "<sip:a@h>, <sip:b@h>", "<mailto:a@h>", "<sip:a@[::>"]
)
def test_invite_without_one_usable_contact(contact: str | None) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        dialog_of_invite(_invite(contact=contact), _SOURCE, "own")
    assert caught.value.status == 400


@pytest.mark.parametrize("route", ["sip", "<sip:a", "<http://x>", '"'])
def test_record_route_that_names_no_way(route: str) -> None:
    with pytest.raises(RemoteProtocolError):
        dialog_of_invite(_invite(f"Record-Route: {route}"), _SOURCE, "own")
    dialog = dialog_of_response(_request(), _answer(f"Record-Route: {route}"), _SOURCE)
    assert dialog.route_set == ()


@pytest.mark.parametrize("contact", ["*", "<sip:a@[::>", "<mailto:a@h>", "x y z"])
def test_2xx_without_usable_contact_keeps_the_uri(contact: str) -> None:
    dialog = dialog_of_response(_request(), _answer(f"Contact: {contact}"), _SOURCE)
    assert dialog.remote_target == "sip:b@192.0.2.2"


def test_headers_of_a_contact_uri_are_not_called() -> None:
    dialog = dialog_of_invite(_invite(contact="<sip:a@192.0.2.2?Subject=x>"), _SOURCE, "own")
    assert dialog.remote_target == "sip:a@192.0.2.2"


def test_target_refresh_moves_the_hop() -> None:
    dialog = dialog_of_invite(_invite(), _SOURCE, "own")
    dialog.refresh_target(_invite(contact="<sip:a@192.0.2.3:5070;transport=TCP>"))
    assert dialog.remote_target == "sip:a@192.0.2.3:5070;transport=TCP"
    assert dialog.hop == Hop(Transport.TCP, "192.0.2.3", 5070)
    dialog.refresh_target(_invite(contact=None))
    assert dialog.remote_target == "sip:a@192.0.2.3:5070;transport=TCP"


def test_behind_nat_requests_go_where_they_came_from() -> None:
    source = Hop(Transport.UDP, "203.0.113.5", 40000)
    invite = _invite(via="192.168.1.5;rport", contact="<sip:a@192.168.1.5:5060>")
    dialog = dialog_of_invite(invite, source, "own")
    assert (dialog.remote_target, dialog.hop) == ("sip:a@192.168.1.5:5060", source)
    dialog.refresh_target(_invite(contact="<sip:a@192.168.1.6>"))
    assert dialog.hop == source
    called = dialog_of_response(
        _request("sip:b@192.168.1.5"), _answer("Contact: <sip:b@192.168.1.5>"), source
    )
    assert called.hop == source


@pytest.mark.parametrize(
    ("uri", "hop"),
    [
        ("sip:a@192.0.2.2", Hop(Transport.UDP, "192.0.2.2", 5060)),
        ("sip:a@192.0.2.3", Hop(Transport.UDP, "192.0.2.3", 5060)),
        ("sip:a@192.0.2.2:5070;transport=UDP", Hop(Transport.UDP, "192.0.2.2", 5070)),
        ("sip:a@192.0.2.2;transport=Tcp", Hop(Transport.TCP, "192.0.2.2", 5060)),
        ("sip:a@[2001:db8::1]", Hop(Transport.UDP, "2001:db8::1", 5060)),
        ("sip:a@host.example.com:99", _SOURCE),
        ("sip:a@192.0.2.3;transport=sctp", Hop(Transport.UDP, "192.0.2.3", 5060)),
        ("tel:+7495", _SOURCE),
    ],
)
def test_hop_of_uri(uri: str, hop: Hop) -> None:
    assert hop_of_uri(parse_uri(uri), _SOURCE) == hop


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.9.9.9",
        "224.0.1.75",
        "255.255.255.255",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_hostile_contacts_are_not_followed(host: str) -> None:
    assert hop_of_uri(parse_uri(f"sip:a@{host}:5038"), _SOURCE) is _SOURCE


@pytest.mark.parametrize(
    ("contact", "far", "is_followed"),
    [
        ("192.168.0.10", "203.0.113.5", False),
        ("100.64.1.1", "203.0.113.5", False),
        ("[fd00::5]", "2001:db8::5", False),
        ("[fe80::5]", "2001:db8::5", False),
        ("192.168.0.10", "192.168.1.1", True),
        ("10.0.0.9", "100.64.1.1", True),
        ("203.0.113.6", "203.0.113.5", True),
        ("203.0.113.6", "192.168.1.1", True),
        ("192.168.0.10", "127.0.0.1", True),
    ],
)
def test_a_private_address_that_a_public_far_end_names_is_another_network_s(
    contact: str, far: str, is_followed: bool
) -> None:
    """A provider behind a NAT of his own: the ACK to his 200 would be lost, or somebody else's."""
    hop = Hop(Transport.UDP, far, 5060)
    asked = _request("sip:b@sip.example.com")
    dialog = dialog_of_response(asked, _answer(f"Contact: <sip:b@{contact}>"), hop)
    assert (dialog.hop != hop) is is_followed
    assert dialog.remote_target == f"sip:b@{contact}"


def test_loopback_follows_loopback() -> None:
    here = Hop(Transport.UDP, "127.0.0.1", 5070)
    assert hop_of_uri(parse_uri("sip:a@127.0.0.1:5080"), here).port == 5080


@pytest.mark.parametrize(
    ("via", "source", "heard", "follows"),
    [
        ("10.0.0.9", _SOURCE, Hop(Transport.UDP, "192.0.2.2", 4777), True),
        ("10.0.0.9", _SOURCE, Hop(Transport.UDP, "203.0.113.9", 5060), False),
        ("192.0.2.2", _SOURCE, Hop(Transport.UDP, "192.0.2.2", 4777), False),
        ("10.0.0.9", _SOURCE, Hop(Transport.TCP, "192.0.2.2", 4777, 3), False),
        (
            "192.0.2.2",
            Hop(Transport.TCP, "192.0.2.2", 49152, 17),
            Hop(Transport.TCP, "192.0.2.2", 50000, 18),
            True,
        ),
        (
            "192.0.2.2",
            Hop(Transport.TCP, "192.0.2.2", 5060),
            Hop(Transport.TCP, "192.0.2.2", 50000, 18),
            False,
        ),
    ],
)
def test_new_port_behind_nat_and_new_streams_are_followed(
    via: str, source: Hop, heard: Hop, follows: bool
) -> None:
    dialog = dialog_of_invite(_invite(via=via), source, "own")
    before = dialog.hop
    dialog.hear_from(heard)
    assert dialog.hop == (heard if follows else before)


def test_a_lost_stream_leaves_the_place_where_the_far_end_listens() -> None:
    """Once: after that there is no other place to look for it."""
    stream = Hop(Transport.TCP, "192.0.2.2", 41234)
    made = dialog_of_invite(_invite(contact="<sip:a@192.0.2.2:5062>"), stream, "own")
    assert made.lose_stream() and made.hop == Hop(Transport.TCP, "192.0.2.2", 5062)
    assert not made.lose_stream()
    behind_nat = dialog_of_invite(_invite(via="10.0.0.9"), stream, "own")
    assert not behind_nat.lose_stream() and behind_nat.hop == stream
    for target in ("sip:b@127.0.0.1:5062", "sip:b@phone.example", "nothing"):
        made = dialog_of_invite(_invite(), stream, "own")
        made.remote_target = target
        assert not made.lose_stream() and made.hop == stream


def test_the_stream_that_exists_serves() -> None:
    stream = Hop(Transport.TCP, "192.0.2.2", 49152, connection=4)
    assert hop_of_uri(parse_uri("sip:a@192.0.2.2:5060;transport=tcp"), stream) is stream


def test_an_ipv6_address_is_one_however_it_is_written() -> None:
    """Who answers is known by the kernel's way to write it; nobody else's challenge is answered."""
    far = Hop(Transport.UDP, "2001:db8::5", 5060)
    assert hop_of_uri(parse_uri("sip:a@[2001:DB8:0:0::5]"), far) is far
    moved = hop_of_uri(parse_uri("sip:a@[2001:DB8:0:0::6]"), far)
    assert moved == Hop(Transport.UDP, "2001:db8::6", 5060)


@pytest.mark.parametrize(
    ("host", "literal"),
    [("192.0.2.1", True), ("::1", True), ("h1", False), ("1.2.3.4.5", False), ("", False)],
)
def test_is_literal(host: str, literal: bool) -> None:
    assert is_literal(host) is literal
