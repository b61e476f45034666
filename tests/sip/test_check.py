"""What is refused at the door, and what is let through although a purist would not."""

from __future__ import annotations

import pytest

from appliance.errors import RemoteProtocolError
from appliance.sip.check import check_request, check_response
from appliance.sip.message import Request, Response, parse_message

FIELDS = {
    "Via": "SIP/2.0/UDP a;branch=z9hG4bK1",
    "From": "<sip:a@h>;tag=1",
    "To": "<sip:b@h>",
    "Call-ID": "c@a",
    "CSeq": "2 INVITE",
    "Contact": "<sip:a@1.2.3.4>",
    "Max-Forwards": "70",
}


def message(start: str, changes: dict[str, str | None], more: tuple[str, ...] = ()) -> bytes:
    fields = {**FIELDS, **changes}
    lines = [start, *(f"{n}: {v}" for n, v in fields.items() if v is not None), *more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def request(*more: str, start: str = "INVITE sip:b@h SIP/2.0", **changes: str | None) -> Request:
    renamed = {name.replace("_", "-"): value for name, value in changes.items()}
    parsed = parse_message(message(start, renamed, more))
    assert isinstance(parsed, Request)
    return parsed


@pytest.mark.parametrize(
    "good",
    [
        request(),
        request(Max_Forwards=None),
        request(From="sip:a@h"),  # RFC 2543 knew no tags
        request(Via="SIP/2.0/UDP a"),
        request(start="INVITE sip:b@h sip/2.0"),
        request(start="INVITE tel:+74951234567 SIP/2.0"),
        request(start="INVITE sips:b@[2001:db8::1]:5061;x=y SIP/2.0"),
        request(start="INVITE sip:*97#@my_host SIP/2.0"),
        request(From="<tel:+7495>;tag=1", To="<http://x>"),
        request(Contact="*"),
        request(Contact=None),
        request("Date: Sat, 13 Nov 2010 23:29:00 GMT"),
        request("X: 1", "X: 2", "Route: <sip:p;lr>", "Route: <sip:q;lr>"),
        request(start="REGISTER sip:h SIP/2.0", CSeq="1 REGISTER", Expires="1" + "0" * 99),
        request(start="BYE sip:b@h SIP/2.0", CSeq="0 BYE"),
    ],
    ids=lambda r: r.start_line,
)
def test_let_through(good: Request) -> None:
    check_request(good)


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (request(Via=None), 400),
        (request(Via=""), 400),
        (request(Via="SIP/2.0/UDP a, x"), 400),
        (request(From=None), 400),
        (request(To=None), 400),
        (request(To='"x <sip:b@h>'), 400),
        (request(Call_ID=None), 400),
        (request(Call_ID=" "), 400),
        (request(CSeq=None), 400),
        (request(CSeq="2 BYE"), 400),
        (request(CSeq="2 invite"), 400),
        (request(CSeq="4294967296 INVITE"), 400),
        (request("f: <sip:x@h>"), 400),
        (request("t: <sip:x@h>"), 400),
        (request("i: 2"), 400),
        (request("CSeq: 2 INVITE"), 400),
        (request("Max-Forwards: 70"), 400),
        (request("Content-Length: 0", "l: 0"), 400),
        (request("c: a/b", "c: a/b"), 400),
        (request("Expires: 1", "Expires: 1"), 400),
        (request(Max_Forwards="300"), 400),
        (request(Expires="x"), 400),
        (request(Contact="<sip:a@>"), 400),
        (request(Contact="<sip:a@h"), 400),
        (request("Route: <sip:"), 400),
        (request(From="<sip:a@h:x>;tag=1"), 400),
        (request("Date: Fri, 01 Jan 2010 16:00:00 EST"), 400),
        (request(start="INVITE <sip:b@h> SIP/2.0"), 400),
        (request(start="INVITE  sip:b@h SIP/2.0"), 400),
        (request(start="INVITE sip:b@h; lr SIP/2.0"), 400),
        (request(start="INVITE sip:b@h\t SIP/2.0"), 400),
        (request(start="INVITE sip:b@h?Route=x SIP/2.0"), 400),
        (request(start="INVITE sip:b@h SIP/2.0 "), 400),
        (request(start="INVITE sip:b@h SIP/7.0"), 505),
        (request(start="INVITE sip:b@h SIP/2.00"), 505),
        (request(start="INVITE http://h SIP/2.0"), 416),
        (request(start="REGISTER sip:h SIP/2.0", CSeq="1 REGISTER", To="<isbn:29>"), 400),
    ],
)
def test_refused(bad: Request, status: int) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        check_request(bad)
    assert caught.value.status == status
    assert caught.value.section.startswith(("RFC", "§")), caught.value.section


def response(*more: str, **changes: str | None) -> Response:
    renamed = {name.replace("_", "-"): value for name, value in changes.items()}
    parsed = parse_message(message("SIP/2.0 200 OK", renamed, more))
    assert isinstance(parsed, Response)
    return parsed


def test_good_response() -> None:
    check_response(response())


@pytest.mark.parametrize(
    "bad",
    [
        response(Via=None),
        response("Via: SIP/2.0/UDP b"),
        response(Via="SIP/2.0/UDP a, SIP/2.0/UDP b"),
        response(From=None),
        response(To="<"),
        response(Call_ID=None),
        response(Call_ID=""),
        response(CSeq="9292394834772304023312 OPTIONS"),
    ],
)
def test_responses_to_drop(bad: Response) -> None:
    with pytest.raises(RemoteProtocolError):
        check_response(bad)
