"""The phones that a registrar knows: where they are called, which are the same, who is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.sip import binding as why_not
from appliance.sip.binding import ChangeKind, why_refused
from appliance.sip.events import Hop, Transport
from tests.sip.registering import (
    HOME,
    INSIDE,
    LAN,
    NAT,
    NOW,
    Office,
    contacts_of,
    kinds_of,
    register,
)


@pytest.fixture
def office() -> Office:
    return Office()


# ---- where phones are called


def test_behind_nat_the_source_is_called_by_the_name_it_gave(office: Office) -> None:
    office.take(register(f"<{INSIDE}>", rport=False), source=NAT)
    (phone,) = office.phones
    assert (phone.contact_uri, phone.hop, phone.is_behind_nat) == (INSIDE, NAT, True)


def test_a_phone_that_names_itself_by_a_word_is_called_at_its_source(office: Office) -> None:
    office.take(register("<sip:2001@phone-7.local>"), source=NAT)
    assert office.phones[0].hop == NAT


@pytest.mark.parametrize(
    ("contact", "rport", "port"),
    [
        (HOME, True, 51000),  # RFC 3581: it hears where it sends from
        (HOME, False, 5060),  # it does not
        ("sip:2001@192.0.2.10", False, 5060),
        ("sip:2001@192.0.2.10:5099", False, 5099),
    ],
)
def test_on_the_same_host_rport_decides(
    office: Office, contact: str, rport: bool, port: int
) -> None:
    office.take(register(f"<{contact}>", rport=rport), source=replace(LAN, port=51000))
    assert office.phones[0].hop == replace(LAN, port=port)


def test_a_stream_is_used_while_it_lives_and_the_contact_afterwards(office: Office) -> None:
    source = Hop(Transport.TCP, "192.0.2.10", 51000, 7)
    office.take(register("<sip:2001@192.0.2.10:5070;transport=tcp>"), source=source)
    assert office.phones[0].hop == Hop(Transport.TCP, "192.0.2.10", 5070, 7)


def test_ipv6_is_compared_as_an_address(office: Office) -> None:
    source = Hop(Transport.UDP, "2001:db8::a", 5060)
    office.take(register("<sip:2001@[2001:DB8:0:0::A]:5060>"), source=source)
    assert not office.phones[0].is_behind_nat


def test_path_is_kept_and_told(office: Office) -> None:
    path = "<sip:edge.example;lr>"
    source = Hop(Transport.UDP, "198.51.100.1", 5060)
    outcome = office.take(register(f"<{HOME}>", more=[f"Path: {path}"]), source=source)
    assert ("Path", path) in outcome.headers
    assert (office.phones[0].path, office.phones[0].hop) == ((path,), source)


# ---- the same phone again


def test_a_new_source_port_replaces_the_old_binding(office: Office) -> None:
    office.take(register(f"<{INSIDE}>", call_id="before"), source=NAT)
    moved = replace(NAT, port=50999)
    outcome = office.take(register(f"<{INSIDE}>", call_id="after"), source=moved)
    assert kinds_of(outcome) == ["refreshed"]
    assert [b.hop for b in office.phones] == [moved]


def test_a_phone_is_known_by_its_instance_wherever_it_goes(office: Office) -> None:
    instance = ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";reg-id=1'
    office.take(register(f"<{HOME}>{instance}", call_id="1"))
    (before,) = office.phones
    outcome = office.take(register(f"<{INSIDE}>{instance}", call_id="2"), source=NAT)
    (after,) = office.phones
    assert (after.key, after.contact_uri, after.hop) == (before.key, INSIDE, NAT)
    assert contacts_of(outcome) == [f"<{INSIDE}>;expires=3600{instance}"]


def test_another_reg_id_is_another_flow(office: Office) -> None:
    instance = ';+sip.instance="<urn:uuid:1>";reg-id='
    office.take(register(f"<{HOME}>{instance}1", call_id="1"))
    office.take(register(f"<{INSIDE}>{instance}2", call_id="1"), source=NAT)
    assert len({b.key for b in office.phones}) == 2


def test_two_homes_with_the_same_private_address_are_two_phones(office: Office) -> None:
    office.take(register(f"<{INSIDE}>", call_id="one"), source=NAT)
    other = Hop(Transport.UDP, "198.51.100.77", 5060)
    office.take(register(f"<{INSIDE}>", call_id="two"), source=other)
    assert [b.hop for b in office.phones] == [NAT, other]
    assert len({b.key for b in office.phones}) == 2


def test_a_home_that_got_a_new_address_keeps_its_phone(office: Office) -> None:
    office.take(register(f"<{INSIDE}>", cseq=1), source=NAT)
    other = Hop(Transport.UDP, "198.51.100.77", 5060)
    office.take(register(f"<{INSIDE}>", cseq=2), source=other)
    assert [b.hop for b in office.phones] == [other]


def test_uris_that_are_equal_in_the_sense_of_the_rfc_are_one_phone(office: Office) -> None:
    office.take(register("<sip:2001@192.0.2.10:5060;transport=udp>", cseq=1))
    office.take(register("<sip:%32001@192.0.2.10:5060;Transport=UDP>", cseq=2))
    assert office.uris() == ["sip:%32001@192.0.2.10:5060;Transport=UDP"]


# ---- reachability


def test_what_options_said_is_noted_until_the_phone_moves(office: Office) -> None:
    office.take(register(f"<{HOME}>", cseq=1))
    key = office.phones[0].key
    (change,) = office.registrar.qualified(key, 12.5, "", NOW + 1)
    assert (change.kind, office.phones[0].round_trip_ms) == (ChangeKind.QUALIFIED, 12.5)
    office.registrar.qualified(key, None, "refused_503", NOW + 2)
    assert (office.phones[0].is_reachable, office.phones[0].why) == (False, "refused_503")
    office.take(register(f"<{HOME}>", cseq=2))
    assert not office.phones[0].is_reachable  # same address, still dead
    office.take(register(f"<{HOME}>", cseq=3), source=replace(LAN, port=50001))
    assert (office.phones[0].is_reachable, office.phones[0].why) == (True, "")
    assert office.registrar.qualified("unknown", 1.0, "", NOW) == ()
    assert office.registrar.qualified(key, 1.0, "", NOW + 99999) == ()


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (200, ""),
        (404, ""),
        (405, ""),
        (486, ""),
        (501, ""),
        (408, "refused_408"),
        (503, "refused_503"),
    ],
)
def test_statuses_that_mean_nobody_is_there(status: int, why: str) -> None:
    assert why_refused(status) == why


def test_a_closed_stream_cuts_off_those_behind_nat_only(office: Office) -> None:
    inside = Hop(Transport.TCP, "203.0.113.5", 40123, 7)
    lan = Hop(Transport.TCP, "192.0.2.10", 51000, 7)
    office.take(register(f"<{INSIDE}>", call_id="1"), source=inside)
    office.take(register("<sip:2001@192.0.2.10>", call_id="2"), source=lan)
    (change,) = office.registrar.connection_lost(7)
    assert change.binding.contact_uri == INSIDE
    assert [b.why for b in office.phones] == [why_not.CONNECTION_LOST, ""]
    assert office.registrar.connection_lost(0) == ()


def test_phones_come_back_after_a_restart(office: Office) -> None:
    office.take(register(f"<{HOME}>", call_id="1"))
    stream = Hop(Transport.TCP, "203.0.113.5", 40123, 7)
    office.take(register(f"<{INSIDE}>", call_id="2"), source=stream)
    after = Office()
    after.registrar.restore(office.phones, NOW)
    assert [b.key for b in after.phones] == [b.key for b in office.phones]
    assert [(b.is_reachable, b.why) for b in after.phones] == [
        (True, ""),
        (False, why_not.CONNECTION_LOST),
    ]
    assert after.phones[1].hop.connection == 0
    assert after.take(register(f"<{HOME}>", call_id="1", cseq=1)).status == 500
    assert after.take(register(f"<{HOME}>", call_id="1", cseq=2)).status == 200


def test_no_phone_is_on_record_for_longer_than_we_grant(office: Office) -> None:
    """It registered while the clock was 25 years ahead, or the clock is at 1970 now."""
    ahead = NOW + 25 * 365 * 86400
    office.take(register(f"<{HOME}>"), now=ahead)
    after = Office()
    after.registrar.restore(office.phones, NOW)
    (phone,) = after.phones
    assert phone.expires_at == NOW + after.registrar.max_expires_s
    assert after.registrar.expire(NOW + after.registrar.max_expires_s)


def test_numbers_that_are_no_more_lose_their_phones(office: Office) -> None:
    office.take(register(f"<{HOME}>"))
    office.registrar.register(register(f"<{HOME}>"), "2002", LAN, 5, NOW)
    (change,) = office.registrar.retain(frozenset({"2002"}))
    assert (change.binding.address_of_record, change.why) == ("2001", why_not.REMOVED)
    assert [b.address_of_record for b in office.registrar.all()] == ["2002"]
