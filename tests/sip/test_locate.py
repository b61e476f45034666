"""RFC 3263 as a conversation: which questions are asked, and in which order hops come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

import pytest

from appliance.sip.events import Hop, Transport
from appliance.sip.locate import (
    Answer,
    Naptr,
    Question,
    RecordKind,
    Srv,
    Target,
    locate,
    naptr_services,
    order_srv,
)

A, AAAA, SRV, NAPTR = RecordKind.A, RecordKind.AAAA, RecordKind.SRV, RecordKind.NAPTR
UDP, TCP, TLS = Transport.UDP, Transport.TCP, Transport.TLS
Zone = Mapping[tuple[str, RecordKind], Answer]


def _lowest(most: int) -> int:
    return 0


def _run(target: Target, zone: Zone) -> tuple[list[Hop], list[list[Question]]]:
    """Answer the conversation from a zone; returns the hops and what was asked."""
    conversation = locate(target, _lowest)
    asked: list[list[Question]] = []
    try:
        questions: Sequence[Question] = next(conversation)
        while True:
            asked.append(list(questions))
            questions = conversation.send([zone.get((q.name, q.kind), ()) for q in questions])
    except StopIteration as done:
        hops: list[Hop] = done.value
        return hops, asked


@pytest.mark.parametrize(
    ("target", "hop"),
    [
        (Target(host="192.0.2.1"), Hop(UDP, "192.0.2.1", 5060)),
        (Target(host="192.0.2.1", transport=TCP), Hop(TCP, "192.0.2.1", 5060)),
        (Target(host="192.0.2.1", transport=TLS), Hop(TLS, "192.0.2.1", 5061)),
        (Target(host="[2001:db8::1]", port=5070), Hop(UDP, "2001:db8::1", 5070)),
        (Target(host="[2001:DB8:0:0::1]"), Hop(UDP, "2001:db8::1", 5060)),
        (Target(host="fe80::1%eth0"), Hop(UDP, "fe80::1%eth0", 5060)),
    ],
)
def test_a_literal_address_needs_no_dns(target: Target, hop: Hop) -> None:
    assert _run(target, {}) == ([hop], [])


def test_a_port_rules_out_srv() -> None:
    zone = {("sip.example", A): ["192.0.2.1"], ("sip.example", AAAA): ["2001:db8::1"]}
    hops, asked = _run(Target(host="sip.example", port=5080), zone)
    assert hops == [Hop(UDP, "192.0.2.1", 5080), Hop(UDP, "2001:db8::1", 5080)]
    assert asked == [[Question("sip.example", A), Question("sip.example", AAAA)]]


def test_families_come_as_the_caller_prefers_them() -> None:
    zone = {("sip.example", A): ["192.0.2.1"], ("sip.example", AAAA): ["2001:db8::1"]}
    target = Target(host="sip.example", port=5060, kinds=(AAAA,))
    assert _run(target, zone)[0] == [Hop(UDP, "2001:db8::1", 5060)]


def test_the_naptr_example_of_the_rfc() -> None:
    """RFC 3263 §4.1: TLS is preferred there, but we speak TCP and UDP only."""
    zone: Zone = {
        ("example.com", NAPTR): [
            Naptr(50, 50, "s", "SIPS+D2T", "_sips._tcp.example.com"),
            Naptr(90, 50, "s", "SIP+D2T", "_sip._tcp.example.com"),
            Naptr(100, 50, "s", "SIP+D2U", "_sip._udp.example.com"),
        ],
        ("_sip._tcp.example.com", SRV): [
            Srv(0, 1, 5060, "server1.example.com"),
            Srv(0, 2, 5062, "server2.example.com"),
        ],
        ("_sip._udp.example.com", SRV): [Srv(0, 0, 5060, "server1.example.com")],
        ("server1.example.com", A): ["192.0.2.1"],
        ("server2.example.com", A): ["192.0.2.2"],
    }
    hops, asked = _run(Target(host="example.com"), zone)
    assert hops == [
        Hop(TCP, "192.0.2.1", 5060),
        Hop(TCP, "192.0.2.2", 5062),
        Hop(UDP, "192.0.2.1", 5060),
    ]
    assert len(asked) == 3


def test_a_known_transport_skips_naptr() -> None:
    zone: Zone = {
        ("_sip._tcp.example.com", SRV): [Srv(10, 0, 5070, "a.example.com")],
        ("a.example.com", A): ["192.0.2.9"],
    }
    hops, asked = _run(Target(host="example.com.", transport=TCP), zone)
    assert hops == [Hop(TCP, "192.0.2.9", 5070)]
    assert asked[0] == [Question("_sip._tcp.example.com", SRV)]


def test_without_naptr_each_transport_is_looked_for() -> None:
    zone: Zone = {
        ("_sip._udp.example.com", SRV): [Srv(1, 0, 5060, "u.example.com")],
        ("_sip._tcp.example.com", SRV): [Srv(1, 0, 5060, "t.example.com")],
        ("u.example.com", A): ["192.0.2.1"],
        ("t.example.com", A): ["192.0.2.2"],
    }
    hops, _ = _run(Target(host="example.com"), zone)
    assert hops == [Hop(UDP, "192.0.2.1", 5060), Hop(TCP, "192.0.2.2", 5060)]


def test_without_any_srv_the_host_itself_is_tried() -> None:
    hops, _ = _run(Target(host="example.com"), {("example.com", A): ["192.0.2.7"]})
    assert hops == [Hop(UDP, "192.0.2.7", 5060)]


def test_a_service_that_is_decidedly_not_there_is_not_guessed() -> None:
    """RFC 2782: a target of "." says that the service is not offered at this domain."""
    zone: Zone = {
        ("_sip._udp.example.com", SRV): [Srv(0, 0, 0, "")],
        ("example.com", A): ["192.0.2.7"],
    }
    assert _run(Target(host="example.com", transport=UDP), zone)[0] == []


def test_nothing_known_gives_nothing() -> None:
    assert _run(Target(host="nowhere.example"), {})[0] == []


def test_a_flood_of_records_is_bounded_and_has_no_doubles() -> None:
    many = [Srv(n, 0, 5060, "same.example.com") for n in range(100)]
    zone: Zone = {
        ("_sip._udp.example.com", SRV): many,
        ("same.example.com", A): [f"192.0.2.{n}" for n in range(200)] * 2,
    }
    hops, asked = _run(Target(host="example.com", transport=UDP), zone)
    assert len(hops) == len(set(hops)) == 16
    assert asked[-1] == [Question("same.example.com", A), Question("same.example.com", AAAA)]


def test_naptr_order_goes_before_preference() -> None:
    records = [
        Naptr(2, 1, "S", "sip+d2u", "second"),
        Naptr(1, 9, "s", "SIP+D2T", "first"),
        Naptr(0, 0, "u", "E2U+sip", "no service of ours"),
        Naptr(0, 0, "s", "SIPS+D2T", "not spoken"),
        Naptr(0, 0, "s", "SIP+D2U", ""),
    ]
    assert naptr_services(records, (UDP, TCP)) == [(TCP, "first"), (UDP, "second")]


def test_srv_priorities_are_kept_and_nobody_is_lost() -> None:
    records = [Srv(p, w, 5060, f"h{p}-{w}") for p in (30, 10, 20) for w in (0, 5, 60)]
    ordered = order_srv(records, lambda most: most)
    assert [r.priority for r in ordered] == [10] * 3 + [20] * 3 + [30] * 3
    assert set(ordered) == set(records)


def test_srv_weights_share_the_load() -> None:
    random = Random(1)
    records = [Srv(0, 1, 5060, "one"), Srv(0, 3, 5060, "three"), Srv(0, 0, 5060, "zero")]
    draws = 4000
    firsts = Counter(
        order_srv(records, lambda most: random.randint(0, most))[0].target for _ in range(draws)
    )
    # Of the five numbers 0..4: 0 draws the weightless one, 1 the light one, 2-4 the heavy one.
    assert firsts["zero"] / draws == pytest.approx(1 / 5, abs=0.03)
    assert firsts["one"] / draws == pytest.approx(1 / 5, abs=0.03)
    assert firsts["three"] / draws == pytest.approx(3 / 5, abs=0.03)


def test_addresses_that_no_host_has_are_passed_over() -> None:
    """What a DNS that filters says would lead to ourselves, or to everybody."""
    lies = ("0.0.0.0", "255.255.255.255", "224.0.0.1", "nonsense", "192.0.2.1")
    zone: Zone = {("a.test", A): lies, ("a.test", AAAA): ("::", "ff02::1", "2001:DB8::0:2")}
    hops, _ = _run(Target(host="a.test", port=5060), zone)
    assert [hop.host for hop in hops] == ["192.0.2.1", "2001:db8::2"]
    only_lies: Zone = {("a.test", A): ("0.0.0.0",)}
    assert _run(Target(host="a.test", port=5060), only_lies)[0] == []
