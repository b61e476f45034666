"""The message layer gives each torture message its verdict, as far as that is its to give."""

from __future__ import annotations

import pytest

from appliance.errors import RemoteProtocolError
from appliance.sip.body import sdp_body
from appliance.sip.check import check_request, check_response
from appliance.sip.message import (
    MalformedMessage,
    Request,
    Response,
    format_message,
    parse_message,
    respond,
)
from appliance.sip.uri import parse_uri, same_uri
from tests.torture.verdicts import FOLDER, RFC_4475, RFC_5118, ROWS, Row, Verdict, unique_branch


def request(name: str) -> Request:
    message = parse_message((FOLDER / name).read_bytes())
    assert isinstance(message, Request)
    check_request(message)
    return message


def test_every_message_has_one_row() -> None:
    files = {str(path.relative_to(FOLDER)) for path in FOLDER.glob("rfc*/*.dat")}
    assert len(RFC_4475) == 49
    assert len(RFC_5118) == 12
    assert sorted(row.file for row in ROWS) == sorted(files)
    assert all(row.statuses or not row.is_request for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_verdict(row: Row) -> None:
    is_refused_here = row.decided_by == "message" and row.verdict is not Verdict.ACCEPT
    if not is_refused_here:
        message = parse_message(row.read())
        assert isinstance(message, Request) is row.is_request
        if isinstance(message, Request):
            check_request(message)
        else:
            check_response(message)
        return
    with pytest.raises(RemoteProtocolError) as caught:
        message = parse_message(row.read())
        assert isinstance(message, Request) is row.is_request
        if isinstance(message, Request):
            check_request(message)
        else:
            check_response(message)
    if row.is_request:
        assert caught.value.status in row.statuses
    assert caught.value.section


@pytest.mark.parametrize("row", [r for r in ROWS if r.is_request], ids=lambda row: row.file)
def test_every_request_can_be_answered(row: Row) -> None:
    """Enough is read of the worst of them that a response finds its way: Via as it came."""
    try:
        message = parse_message(row.read())
    except MalformedMessage as error:
        assert error.message is not None
        message = error.message
    assert isinstance(message, Request)
    response = parse_message(format_message(respond(message, 400, to_tag="t")))
    assert isinstance(response, Response)
    assert response.headers.get_all("Via") == message.headers.get_all("Via") != []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_round_trip(row: Row) -> None:
    try:
        first = parse_message(row.read())
    except RemoteProtocolError:
        return
    second = parse_message(format_message(first))
    names = ("content-length", "l")
    fields = [(n, v) for n, v in first.headers.items() if n.lower() not in names]
    assert [(n, v) for n, v in second.headers.items() if n.lower() not in names] == fields
    assert second.body == first.body
    assert second.start_line == first.start_line


def test_wsinv_is_read_through_all_its_blanks() -> None:
    message = request("rfc4475/wsinv.dat")
    assert [v.branch for v in message.vias] == ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]
    assert [v.transport for v in message.vias] == ["UDP", "TCP", "UDP"]
    assert message.to.tag == "1918181833n"
    assert message.from_.display == 'J Rosenberg \\"'
    assert message.from_.tag == "98asjd8"
    assert message.max_forwards == 68
    assert (message.cseq.number, message.cseq.method) == (9, "INVITE")
    assert message.headers.get("Subject") == ""
    assert message.headers.get("NewFangledHeader") == "newfangled value continued newfangled value"
    assert message.contacts[0].display == 'Quoted string ""'
    assert message.contacts[0].params == {
        "newparam": "newvalue",
        "secondparam": None,
        "q": "0.33",
    }
    assert sdp_body(message).startswith(b"v=0")


def test_intmeth_keeps_every_octet() -> None:
    message = request("rfc4475/intmeth.dat")
    assert message.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert message.to.display == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert message.from_.tag == "_token~1'+`*%!-."
    assert message.from_.params["fromparam''~+*_!.-%"] == '"работающий"'
    uri = parse_uri(message.uri)
    assert uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert uri.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert uri.host == "example.com"


def test_escapes_stay_and_compare_equal() -> None:
    message = request("rfc4475/esc01.dat")
    assert parse_uri(message.uri).user == "sips%3Auser%40example.com"
    assert same_uri(parse_uri(message.to.uri), parse_uri("sip:user@example.com"))
    contact = parse_uri(message.contacts[0].uri)
    assert same_uri(contact, parse_uri("sip:caller@host5.example.net;lr;name=value%2541"))
    first, second = request("rfc4475/escnull.dat").contacts
    assert not same_uri(parse_uri(first.uri), parse_uri(second.uri))
    contacts = request("rfc4475/esc02.dat").contacts
    assert [c.uri[4:10] for c in contacts] == ["alias1", "alias3"]


def test_dblreq_ends_with_its_content_length() -> None:
    message = request("rfc4475/dblreq.dat")
    assert message.method == "REGISTER"
    assert message.body == b""


def test_semicolons_before_the_at_sign_belong_to_the_user() -> None:
    uri = parse_uri(request("rfc4475/semiuri.dat").uri)
    assert (uri.user, uri.host, uri.params) == ("user;par=u%40example.net", "example.com", {})


def test_parameters_of_contact_and_of_its_uri() -> None:
    (plain,) = request("rfc4475/cparam01.dat").contacts
    assert (plain.uri, plain.params) == ("sip:+19725552222@gw1.example.net", {"unknownparam": None})
    (bracketed,) = request("rfc4475/cparam02.dat").contacts
    assert parse_uri(bracketed.uri).params == {"unknownparam": None}
    assert bracketed.params == {}
    (escaped,) = request("rfc4475/regescrt.dat").contacts
    assert parse_uri(escaped.uri).headers == "Route=%3Csip:sip.example.com%3E"


def test_longreq_has_all_its_vias() -> None:
    message = request("rfc4475/longreq.dat")
    assert len(message.vias) == 34
    assert message.vias[-1].params["received"] == "192.0.2.5"


def test_reason_phrases() -> None:
    message = parse_message((FOLDER / "rfc4475/unreason.dat").read_bytes())
    assert isinstance(message, Response)
    assert message.reason.startswith("= 2**3 * 5**2 но сто девяносто девять")
    message = parse_message((FOLDER / "rfc4475/noreason.dat").read_bytes())
    assert isinstance(message, Response)
    assert (message.status, message.reason) == (100, "")


def test_ports_and_groups_of_ipv6() -> None:
    assert parse_uri(request("rfc5118/port-ambiguous.dat").uri).port is None
    assert parse_uri(request("rfc5118/port-ambiguous.dat").uri).host == "2001:db8::10:5070"
    assert parse_uri(request("rfc5118/port-unambiguous.dat").uri).port == 5070
    assert parse_uri(request("rfc5118/ipv6-bug-abnf-3-colons.dat").uri).host == (
        parse_uri(request("rfc5118/ipv6-correct-abnf-2-colons.dat").uri).host
    )
    vias = request("rfc5118/mult-ip-in-header.dat").vias
    assert [v.sent_by for v in vias] == ["[2001:db8::9:1]:6050", "192.0.2.1", "[2001:db8::9:255]"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_a_unique_branch_changes_the_topmost_branch_alone(row: Row) -> None:
    old, new = row.read(), unique_branch(row.read(), b"z9hG4bKunique")
    assert new.count(b"z9hG4bKunique") in (0, 1)
    if b"branch=z9hG4bK" in old and row.file != "rfc4475/badbranch.dat":
        assert new.count(b"z9hG4bKunique") == 1
        assert len(new.split(b"\r\n")) == len(old.split(b"\r\n"))
    else:
        assert new == old
