"""Requests of others: matching, repetition, Timers G, H, I, J, L, where answers go."""

from __future__ import annotations

import pytest

from appliance.sip.events import (
    Dropped,
    Hop,
    InviteReceived,
    RequestReceived,
    SessionCancelled,
    SessionConfirmed,
    Transport,
)
from tests.kit.wire import ANSWER, OFFER, Network, Station

_FAR = Hop(Transport.UDP, "192.0.2.2", 5060)


def message(
    method: str,
    *fields: str,
    via: str = "192.0.2.2",
    branch: str = "z9hG4bK1",
    cseq: int = 1,
    to_tag: str = "",
    body: bytes = b"",
    transport: str = "UDP",
    params: str = "",
) -> bytes:
    to = f";tag={to_tag}" if to_tag else ""
    lines = [
        f"{method} sip:bob@192.0.2.1 SIP/2.0",
        f"Via: SIP/2.0/{transport} {via};branch={branch}{params}",
        "From: <sip:alice@192.0.2.2>;tag=far",
        f"To: <sip:bob@192.0.2.1>{to}",
        "Call-ID: call-1",
        f"CSeq: {cseq} {method}",
        "Contact: <sip:alice@192.0.2.2>",
        *fields,
    ]
    if body:
        lines.append("Content-Type: application/sdp")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def _station() -> tuple[Network, Station]:
    network = Network()
    return network, network.add("192.0.2.1", session_expires_s=0)


def _times(network: Network, for_s: float) -> list[float]:
    times: list[float] = []
    network.lets_pass = lambda _, item: times.append(network.now) is not None
    network.run(for_s)
    return times


def test_refusal_is_repeated_until_timer_h() -> None:
    network, station = _station()
    network.inject(message("INVITE", body=OFFER), _FAR, station)
    station.endpoint.reject(1, 486, now=0.0)
    assert _times(network, 40) == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert station.endpoint.transactions_alive == 0


def test_ack_of_a_refusal_ends_it_after_timer_i() -> None:
    network, station = _station()
    network.inject(message("INVITE", body=OFFER), _FAR, station)
    station.endpoint.reject(1, 486, now=0.0)
    network.run(0.1)
    for _ in range(2):
        network.inject(message("ACK"), _FAR, station)
    network.inject(message("INVITE", body=OFFER), _FAR, station)  # a late copy
    sent = len(station.sent)
    network.run(4.8)
    assert station.endpoint.transactions_alive == 1
    network.run(0.3)
    assert station.endpoint.transactions_alive == 0
    assert len(station.sent) == sent


def test_repeated_invite_gets_the_last_answer_and_no_second_call() -> None:
    network, station = _station()
    for _ in range(2):
        network.inject(message("INVITE", body=OFFER), _FAR, station)
    assert station.sent == []
    station.endpoint.provisional(1, 180, now=0.0)
    network.inject(message("INVITE", body=OFFER), _FAR, station)
    assert [line[8:11] for line in station.first_lines()] == ["180", "180"]
    station.endpoint.answer(1, ANSWER, 0.0)
    network.inject(message("INVITE", body=OFFER), _FAR, station)  # RFC 6026: absorbed
    assert [line[8:11] for line in station.first_lines()][2:] == ["200"]
    assert len(station.of(InviteReceived)) == 1


def test_timer_j_answers_a_repeated_request_alike() -> None:
    network, station = _station()
    network.inject(message("OPTIONS"), _FAR, station)
    network.inject(message("OPTIONS"), _FAR, station)
    event = station.only(RequestReceived)
    station.endpoint.respond(event.transaction, 200, now=0.0)
    network.inject(message("OPTIONS"), _FAR, station)
    assert station.sent[0].data == station.sent[1].data
    station.endpoint.respond(event.transaction, 404, now=0.0)  # too late
    network.run(31.9)
    assert len(station.sent) == 2
    assert station.endpoint.transactions_alive == 1
    network.run(0.2)
    assert station.endpoint.transactions_alive == 0


def test_same_branch_with_new_cseq_is_new() -> None:
    """pyVoIP reuses the branch of the INVITE that was challenged."""
    network, station = _station()
    network.inject(message("INVITE", body=OFFER), _FAR, station)
    station.endpoint.reject(1, 401, headers=(("WWW-Authenticate", "Digest"),), now=0.0)
    network.inject(message("ACK"), _FAR, station)
    network.inject(message("INVITE", cseq=2, body=OFFER), _FAR, station)
    assert len(station.of(InviteReceived)) == 2
    station.endpoint.trying(2, 0.0)
    network.run(0)
    assert station.responses(100)[0].cseq.number == 2


def test_branchless_requests_are_matched_too() -> None:
    network, station = _station()
    plain = message("INVITE", body=OFFER).replace(b";branch=z9hG4bK1", b"")
    network.inject(plain, _FAR, station)
    network.inject(plain, _FAR, station)
    assert len(station.of(InviteReceived)) == 1
    cancel = message("CANCEL").replace(b";branch=z9hG4bK1", b"")
    network.inject(cancel, _FAR, station)
    assert len(station.of(SessionCancelled)) == 1


def test_merged_request_is_482() -> None:
    network, station = _station()
    network.inject(message("INVITE", body=OFFER), _FAR, station)
    network.inject(message("INVITE", branch="z9hG4bK2", body=OFFER), _FAR, station)
    assert station.first_lines() == ["SIP/2.0 482 Loop Detected"]
    station.endpoint.answer(1, ANSWER, 0.0)
    network.inject(message("ACK", branch="z9hG4bKa"), _FAR, station)
    assert len(station.of(SessionConfirmed)) == 1


def test_cancel_without_match_is_481() -> None:
    network, station = _station()
    network.inject(message("CANCEL"), _FAR, station)
    assert station.first_lines() == ["SIP/2.0 481 Call/Transaction Does Not Exist"]
    network.inject(message("CANCEL"), _FAR, station)
    assert len(station.sent) == 2


def test_cancel_with_a_branch_of_its_own_finds_its_invite() -> None:
    network, station = _station()
    network.inject(message("INVITE", body=OFFER), _FAR, station)
    network.inject(message("CANCEL", branch="z9hG4bK2", cseq=2), _FAR, station)
    assert station.of(SessionCancelled) == []  # another CSeq is another request
    network.inject(message("CANCEL", branch="z9hG4bK3"), _FAR, station)
    assert len(station.of(SessionCancelled)) == 1
    assert station.responses(200, "CANCEL") and station.responses(487, "INVITE")


def test_ack_of_a_refusal_with_a_branch_of_its_own_ends_it() -> None:
    network, station = _station()
    network.inject(message("INVITE", body=OFFER), _FAR, station)
    station.endpoint.reject(1, 486, now=0.0)
    network.inject(message("ACK", branch="z9hG4bK2", to_tag="wrong"), _FAR, station)
    network.run(6)
    assert len(station.responses(486)) == 1
    assert station.endpoint.transactions_alive == 0  # Timer I, not Timer H


def test_cancel_after_the_200_changes_nothing() -> None:
    network, station = _station()
    network.inject(message("INVITE", body=OFFER), _FAR, station)
    station.endpoint.answer(1, ANSWER, 0.0)
    network.inject(message("CANCEL"), _FAR, station)
    assert station.responses(200, "CANCEL") and station.of(SessionCancelled) == []
    network.inject(message("ACK", branch="z9hG4bKa"), _FAR, station)
    assert len(station.of(SessionConfirmed)) == 1


def test_unknown_extension_in_cancel_is_overlooked() -> None:
    """RFC 3261 §8.2.2.3."""
    network, station = _station()
    network.inject(message("INVITE", body=OFFER), _FAR, station)
    network.inject(message("CANCEL", "Require: nothing"), _FAR, station)
    assert len(station.of(SessionCancelled)) == 1


# ---- where answers go (§18.2.2, RFC 3581)


@pytest.mark.parametrize(
    ("via", "params", "source", "reply", "written"),
    [
        ("192.0.2.2", "", ("192.0.2.2", 5060), ("192.0.2.2", 5060), None),
        ("192.0.2.2:5080", "", ("192.0.2.2", 5060), ("192.0.2.2", 5080), None),
        (
            "192.0.2.2:5080",
            ";rport",
            ("192.0.2.2", 41000),
            ("192.0.2.2", 41000),
            "rport=41000;received=192.0.2.2",
        ),
        (
            "192.168.1.5",
            ";rport;x=y",
            ("203.0.113.1", 41000),
            ("203.0.113.1", 41000),
            "rport=41000;received=203.0.113.1;x=y",
        ),
        ("192.168.1.5", "", ("203.0.113.1", 41000), ("203.0.113.1", 41000), "received=203.0.113.1"),
        (
            "192.168.1.5",
            ";rport=1;received=9.9.9.9",
            ("203.0.113.1", 41000),
            ("203.0.113.1", 41000),
            "rport=41000;received=203.0.113.1",
        ),
        (
            "[2001:db8::9]",
            ";RPORT",
            ("2001:db8::7", 99),
            ("2001:db8::7", 99),
            "received=2001:db8::7",
        ),
        (
            "10.0.0.1",
            ";x-rport=1;rport ; y=2",
            ("203.0.113.1", 7),
            ("203.0.113.1", 7),
            "x-rport=1;rport=7;received=203.0.113.1; y=2",
        ),
    ],
)
def test_answers_go_back(
    via: str, params: str, source: tuple[str, int], reply: tuple[str, int], written: str | None
) -> None:
    network, station = _station()
    data = message("OPTIONS", via=via, params=params)
    network.inject(data, Hop(Transport.UDP, *source), station)
    station.endpoint.respond(1, 200, now=0.0)
    network.run(0)
    item = station.sent[0]
    assert (item.hop.host, item.hop.port) == reply
    line = station.messages()[0].headers.get("Via") or ""
    assert (written or "") in line
    assert line.count("received=") == (1 if written else 0)


def test_second_via_of_the_line_is_left_alone() -> None:
    network, station = _station()
    data = message("OPTIONS", via="10.0.0.1", params=";rport, SIP/2.0/UDP p;branch=z9hG4bKp;rport")
    network.inject(data, Hop(Transport.UDP, "203.0.113.1", 7), station)
    station.endpoint.respond(1, 200, now=0.0)
    network.run(0)
    first, second = station.messages()[0].vias
    assert (first.params["received"], first.params["rport"]) == ("203.0.113.1", "7")
    assert "received" not in second.params and second.params["rport"] is None


def test_stream_answers_by_the_same_stream() -> None:
    network, station = _station()
    source = Hop(Transport.TCP, "192.0.2.2", 49152, connection=17)
    network.inject(message("OPTIONS", transport="TCP"), source, station)
    station.endpoint.respond(1, 200, now=0.0)
    network.run(0)
    assert station.sent[0].hop == source
    assert station.endpoint.transactions_alive == 0  # Timer J is nothing on a stream


@pytest.mark.parametrize(("via", "port"), [("192.0.2.2:5062", 5062), ("10.0.0.9", 5060)])
def test_a_lost_stream_is_answered_where_its_sender_listens(via: str, port: int) -> None:
    network, station = _station()
    source = Hop(Transport.TCP, "192.0.2.2", 49152, connection=17)
    other = Hop(Transport.TCP, "192.0.2.2", 49153, connection=18)
    network.inject(message("OPTIONS", via=via, transport="TCP"), source, station)
    network.inject(message("OPTIONS", via=via, cseq=2, transport="TCP"), other, station)
    station.endpoint.transport_failed(source, 0.0)
    for transaction in (1, 2):
        station.endpoint.respond(transaction, 200, now=0.0)
    network.run(0)
    assert [i.hop for i in station.sent] == [Hop(Transport.TCP, "192.0.2.2", port), other]
    assert station.endpoint.transactions_alive == 0


def test_via_that_cannot_be_read_is_answered_to_the_source() -> None:
    network, station = _station()
    data = message("OPTIONS").replace(b"SIP/2.0/UDP 192.0.2.2", b"SIP/2.0/UDP")
    network.inject(data, _FAR, station)
    assert station.first_lines() == ["SIP/2.0 400 Bad Request"]
    assert station.sent[0].hop == _FAR
    assert station.of(Dropped)
