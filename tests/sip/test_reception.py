"""What is refused at the door, and how: RFC 3261 §8.2; requests inside dialogs, good and bad."""

from __future__ import annotations

import pytest

from appliance.sip.events import (
    Dropped,
    Hop,
    InviteReceived,
    RequestReceived,
    SessionEnded,
    Transport,
)
from tests.kit.wire import ANSWER, OFFER, Network, Station
from tests.sip.test_invite_server import Called
from tests.sip.test_server_transactions import message

_FAR = Hop(Transport.UDP, "192.0.2.2", 5060)


def _hear(data: bytes) -> Station:
    network = Network()
    station = network.add("192.0.2.1")
    network.inject(data, _FAR, station)
    return station


def _answered() -> Called:
    called = Called()
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("ACK")
    return called


@pytest.mark.parametrize(
    ("data", "status", "field"),
    [
        (message("PUBLISH"), 405, "Allow"),
        (message("REFER"), 405, "Allow"),
        (message("NOTIFY"), 405, "Allow"),
        (message("DANCE"), 501, "Allow"),
        (message("INVITE", "Max-Forwards: 0", body=OFFER), 483, ""),
        (message("MESSAGE", "Max-Forwards: 0"), 483, ""),
        (message("INVITE", "Require: foo, timer, bar", body=OFFER), 420, "Unsupported"),
        (message("OPTIONS", "Proxy-Require: foo"), 420, "Unsupported"),
        (message("OPTIONS").replace(b"sip:bob@192.0.2.1 SIP", b"http://x SIP"), 416, ""),
        (message("OPTIONS").replace(b"SIP/2.0\r\nVia", b"SIP/7.0\r\nVia"), 505, ""),
        (message("OPTIONS", "Max-Forwards: x"), 400, ""),
        (message("OPTIONS", "To: <sip:second@h>"), 400, ""),
        (message("OPTIONS").replace(b"CSeq: 1 OPTIONS", b"CSeq: 1 INVITE"), 400, ""),
        (message("OPTIONS").replace(b"CSeq: 1 ", b"CSeq: 99999999999 "), 400, ""),
        (message("OPTIONS").replace(b"From: <sip:alice", b"From: <<sip:alice"), 400, ""),
        (message("OPTIONS", "Content-Length: 9"), 400, ""),
        (message("INVITE", body=b"x").replace(b"application/sdp", b"text/plain"), 415, "Accept"),
        (message("INVITE", "Content-Encoding: gzip", body=OFFER), 415, "Accept-Encoding"),
        (message("INVITE", body=OFFER).replace(b"Contact: ", b"X-Contact: "), 400, ""),
        (message("INVITE", "Session-Expires: soon", body=OFFER), 400, ""),
        (message("INVITE", "Record-Route: <http://x>", body=OFFER), None, ""),
        (message("INVITE", to_tag="gone", body=OFFER), 481, ""),
        (message("BYE", to_tag="gone"), 481, ""),
        (message("BYE"), 481, ""),
        (message("PRACK"), 481, ""),
        (message("UPDATE", to_tag="gone"), 481, ""),
        (message("INFO"), 481, ""),
    ],
)
def test_refused_at_the_door(data: bytes, status: int | None, field: str) -> None:
    station = _hear(data)
    assert len(station.sent) == 1
    answer = station.responses(status)[0] if status else station.messages()[0]
    assert answer.to.tag
    assert field in answer.headers or not field
    assert station.of(InviteReceived) == station.of(RequestReceived) == []
    assert station.endpoint.sessions_alive == 0


def test_unsupported_names_only_what_is_unknown() -> None:
    station = _hear(message("INVITE", "Require: foo, timer", "Proxy-Require: bar", body=OFFER))
    assert station.responses(420)[0].headers.get("Unsupported") == "bar, foo"


def _without(name: str) -> bytes:
    lines = message("OPTIONS").split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.startswith(name.encode()))


@pytest.mark.parametrize("name", ["From", "To", "Call-ID", "CSeq"])
def test_request_without_a_mandatory_field_is_400(name: str) -> None:
    station = _hear(_without(name))
    assert station.first_lines() == ["SIP/2.0 400 Bad Request"]
    assert len(station.of(Dropped)) == 1 and station.endpoint.transactions_alive == 0


def test_request_without_via_is_dropped() -> None:
    station = _hear(_without("Via"))
    assert station.sent == [] and len(station.of(Dropped)) == 1


def test_ack_is_never_answered() -> None:
    for data in (
        message("ACK"),
        message("ACK", to_tag="x"),
        message("ACK", "Content-Length: 99"),
        message("ACK").replace(b"CSeq: 1", b"CSeq: x"),
        message("ACK", "Require: foo"),
        message("ACK", "Max-Forwards: 0"),
    ):
        station = _hear(data)
        assert station.sent == [] and station.endpoint.transactions_alive == 0


def test_requests_for_the_shell() -> None:
    for method in ("OPTIONS", "REGISTER", "MESSAGE"):
        station = _hear(message(method))
        event = station.only(RequestReceived)
        assert (event.request.method, event.source) == (method, _FAR)
        assert station.sent == []


def test_transport_parameter_in_any_case() -> None:
    for written in ("TCP", "tcp", "Tcp"):
        data = message("INVITE", body=OFFER, transport="TCP")
        contact = f"<sip:alice@192.0.2.2;transport={written}>".encode()
        network = Network()
        station = network.add("192.0.2.1", session_expires_s=0)
        source = Hop(Transport.TCP, "192.0.2.2", 40000, 3)
        network.inject(
            data.replace(b"<sip:alice@192.0.2.2>\r\n", contact + b"\r\n"), source, station
        )
        station.endpoint.answer(1, ANSWER, 0.0)
        network.inject(message("ACK", branch="z9hG4bKa", transport="TCP"), source, station)
        station.endpoint.bye(1, "", 0.0)
        network.run(0)
        assert station.requests("BYE") and station.sent[-1].hop == source


# ---- inside a dialog


def test_options_in_the_call_is_answered_here() -> None:
    called = _answered()
    called.hear("OPTIONS", cseq=2)
    answer = called.station.responses(200, "OPTIONS")[0]
    assert "UPDATE" in (answer.headers.get("Allow") or "") and "Accept" in answer.headers


def test_bye_without_route_and_through_strangers_via() -> None:
    """Phones that forget the route set hang up all the same."""
    called = Called("Record-Route: <sip:192.0.2.9;lr>")
    called.endpoint.answer(1, ANSWER, 0.0)
    called.hear("ACK")
    called.hear("BYE", cseq=2, via="198.51.100.1")
    assert len(called.station.of(SessionEnded)) == 1
    assert len(called.station.responses(200, "BYE")) == 1


def test_max_forwards_zero_in_a_dialog_has_arrived() -> None:
    called = _answered()
    called.hear("BYE", "Max-Forwards: 0", cseq=2)
    assert len(called.station.of(SessionEnded)) == 1


def test_second_bye_is_481_and_a_repeated_one_200() -> None:
    called = _answered()
    called.hear("BYE", cseq=2)
    called.hear("BYE", cseq=2)
    called.hear("BYE", cseq=3)
    assert called.lines()[-3:] == ["SIP/2.0 200", "SIP/2.0 200", "SIP/2.0 481"]
    assert len(called.station.of(SessionEnded)) == 1


def test_older_request_is_500() -> None:
    called = _answered()
    called.hear("INFO", cseq=9)
    called.hear("INFO", cseq=5)
    assert called.lines()[-2:] == ["SIP/2.0 200", "SIP/2.0 500"]


def test_stranger_who_knows_our_tag_alone_is_481() -> None:
    called = _answered()
    data = message("BYE", cseq=2, to_tag=called.tag, branch="z9hG4bKs")
    called.network.inject(data.replace(b";tag=far", b";tag=other"), _FAR, called.station)
    assert called.lines()[-1] == "SIP/2.0 481"
    assert called.station.of(SessionEnded) == []


@pytest.mark.parametrize("method", ["INVITE", "BYE", "INFO", "UPDATE", "PRACK", "OPTIONS"])
@pytest.mark.parametrize(
    "field",
    [
        "Contact: <sip:@@>",
        "Content-Length: 99",
        "Max-Forwards: x",
        "Route: <",
        "Date: now",
        "Require: foo",
        "Session-Expires: x",
        "RAck: \x00",
    ],
)
def test_malformed_request_in_a_dialog_leaves_the_call_alone(method: str, field: str) -> None:
    called = _answered()
    known = len(called.station.sent)
    more = {"branch": "z9hG4bKm", "to_tag": called.tag}
    called.hear(method, field, cseq=2, **more)
    assert len(called.station.sent) <= known + 1
    if not called.station.of(SessionEnded):
        called.hear("BYE", cseq=3)
    assert len(called.station.of(SessionEnded)) == 1


def test_message_in_a_dialog_goes_to_the_shell() -> None:
    called = _answered()
    called.hear("MESSAGE", cseq=2)
    event = called.station.only(RequestReceived)
    called.endpoint.respond(event.transaction, 200, now=0.0)
    called.network.run(0)
    answer = called.station.responses(200, "MESSAGE")[0]
    assert answer.to.tag == called.tag


def test_bye_of_ours_goes_to_the_new_port_behind_their_nat() -> None:
    network = Network()
    station = network.add("192.0.2.1", session_expires_s=0)
    more = {"via": "10.0.0.9", "params": ";rport"}
    first, later = (Hop(Transport.UDP, "203.0.113.1", port) for port in (4000, 4777))
    network.inject(message("INVITE", body=OFFER, **more), first, station)
    station.endpoint.answer(1, ANSWER, 0.0)
    network.run(0)
    more["to_tag"] = station.responses(200)[0].to.tag
    network.inject(message("ACK", branch="z9hG4bKa", **more), first, station)
    network.inject(message("INFO", cseq=2, branch="z9hG4bKb", **more), later, station)
    station.endpoint.bye(1, "", 0.0)
    network.run(0)
    assert station.first_lines()[-1].startswith("BYE ")
    assert station.sent[-1].hop == later


def test_a_subscription_is_told_to_whoever_takes_it_and_may_be_left_without_an_answer() -> None:
    station = _hear(message("SUBSCRIBE"))
    (event,) = station.events
    assert isinstance(event, RequestReceived) and event.request.method == "SUBSCRIBE"
    station.endpoint.ignore(event.transaction)
    assert station.sent == [] and station.endpoint.transactions_alive == 0
