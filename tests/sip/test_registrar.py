"""The registrar by RFC 3261 §10.3, and where phones are called back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from appliance.sip import binding as why_not
from appliance.sip.binding import Binding, ChangeKind, Outcome, why_refused
from appliance.sip.events import Hop, Transport
from appliance.sip.message import Request, parse_message
from appliance.sip.registrar import Registrar

NOW = 1_700_000_000.0
LAN = Hop(Transport.UDP, "192.0.2.10", 5060)
NAT = Hop(Transport.UDP, "203.0.113.5", 40123)
HOME = "sip:2001@192.0.2.10:5060"
INSIDE = "sip:2001@192.168.1.100:5060;line=7"


def _register(
    *contacts: str,
    expires: str | None = None,
    call_id: str = "a@phone",
    cseq: int = 1,
    more: Sequence[str] = (),
    rport: bool = True,
) -> Request:
    lines = [
        "REGISTER sip:box.example SIP/2.0",
        f"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK{cseq}" + (";rport" if rport else ""),
        "Max-Forwards: 70",
        "From: <sip:2001@box.example>;tag=1",
        "To: <sip:2001@box.example>",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} REGISTER",
        "User-Agent: Phone 1.0",
        *(f"Contact: {c}" for c in contacts),
        *([f"Expires: {expires}"] if expires is not None else []),
        *more,
        "Content-Length: 0",
    ]
    request = parse_message("\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape"))
    assert isinstance(request, Request)
    return request


class Office:
    """A registrar with short words for tests."""

    def __init__(self) -> None:
        self.registrar = Registrar(min_expires_s=60, max_expires_s=3600)

    def take(self, request: Request, source: Hop = LAN, most: int = 5, now: float = NOW) -> Outcome:
        return self.registrar.register(request, "2001", source, most, now)

    @property
    def phones(self) -> tuple[Binding, ...]:
        return self.registrar.bindings("2001")

    def uris(self) -> list[str]:
        return [b.contact_uri for b in self.phones]


@pytest.fixture
def office() -> Office:
    return Office()


def _contacts(outcome: Outcome) -> list[str]:
    return [value for name, value in outcome.headers if name == "Contact"]


def _kinds(outcome: Outcome) -> list[str]:
    return [c.kind.value for c in outcome.changes]


# ---- adding, refreshing, removing


def test_a_phone_is_added_and_listed(office: Office) -> None:
    outcome = office.take(_register(f"<{HOME}>;q=0.5", expires="600"))
    assert outcome.status == 200
    assert _contacts(outcome) == [f"<{HOME}>;expires=600;q=0.500"]
    (phone,) = office.phones
    assert outcome.changes[0].binding is phone
    assert (phone.expires_at, phone.q, phone.user_agent) == (NOW + 600, 0.5, "Phone 1.0")
    assert (phone.hop, phone.is_behind_nat, phone.is_reachable) == (LAN, False, True)
    assert office.registrar.binding(phone.key) is phone


def test_a_refresh_keeps_the_key(office: Office) -> None:
    office.take(_register(f"<{HOME}>", cseq=1))
    (before,) = office.phones
    outcome = office.take(_register(f"<{HOME}>", cseq=2), now=NOW + 50)
    (after,) = office.phones
    assert _kinds(outcome) == ["refreshed"]
    assert after.key == before.key
    assert after.expires_at == before.expires_at + 50


def test_several_phones_come_by_q_and_then_by_age(office: Office) -> None:
    for n, q in enumerate(["0.1", "1.0", "0.1", "0.7"]):
        office.take(_register(f"<sip:2001@192.0.2.{n}>;q={q}", call_id=f"{n}"))
    assert office.uris() == [f"sip:2001@192.0.2.{n}" for n in (1, 3, 0, 2)]


@pytest.mark.parametrize("how", ["header", "param"])
def test_expires_zero_removes(office: Office, how: str) -> None:
    office.take(_register(f"<{HOME}>", cseq=1))
    request = (
        _register(f"<{HOME}>", expires="0", cseq=2)
        if how == "header"
        else _register(f"<{HOME}>;expires=0", expires="600", cseq=2)
    )
    outcome = office.take(request)
    assert (outcome.status, _contacts(outcome), _kinds(outcome)) == (200, [], ["removed"])
    assert outcome.changes[0].why == why_not.UNREGISTERED
    assert office.registrar.absence("2001") == why_not.UNREGISTERED


def test_removing_what_is_not_there_is_no_error(office: Office) -> None:
    outcome = office.take(_register(f"<{HOME}>", expires="0"))
    assert (outcome.status, outcome.changes) == (200, ())


def test_no_contact_only_fetches(office: Office) -> None:
    office.take(_register(f"<{HOME}>", expires="600", cseq=1))
    outcome = office.take(_register(cseq=1), now=NOW + 10)
    assert (outcome.status, outcome.changes) == (200, ())
    assert _contacts(outcome) == [f"<{HOME}>;expires=590"]


def test_a_swap_in_one_register_works_in_either_order(office: Office) -> None:
    office.take(_register(f'<{HOME}>;+sip.instance="<urn:uuid:1>"', cseq=1))
    new = "<sip:2001@203.0.113.5:40123>"
    instance = ';+sip.instance="<urn:uuid:1>"'
    outcome = office.take(
        _register(f"{new}{instance}", f"<{HOME}>{instance};expires=0", cseq=2), source=NAT
    )
    assert outcome.status == 200
    assert office.uris() == ["sip:2001@203.0.113.5:40123"]


# ---- expiry


@pytest.mark.parametrize(
    ("contact", "header", "granted"),
    [
        ("", None, 3600),  # the default
        ("", "300", 300),
        (";expires=120", "300", 120),  # the parameter goes before the header
        ("", "86400", 3600),  # capped
        (";expires=4294967296", None, 3600),
        (";expires=soon", None, 3600),  # RFC 3261 §20.10
        ("", "-5", 3600),
        (';expires="200"', None, 200),  # a quoted figure is met in the field
        (";expires=60", None, 60),  # the least
    ],
)
def test_seconds_granted(office: Office, contact: str, header: str | None, granted: int) -> None:
    outcome = office.take(_register(f"<{HOME}>{contact}", expires=header))
    assert _contacts(outcome) == [f"<{HOME}>;expires={granted}"]


def test_too_brief_is_refused_with_the_least(office: Office) -> None:
    outcome = office.take(_register(f"<{HOME}>", expires="59"))
    assert (outcome.status, outcome.headers) == (423, (("Min-Expires", "60"),))
    assert office.phones == ()


def test_phones_expire(office: Office) -> None:
    office.take(_register("<sip:2001@192.0.2.1>", expires="100", call_id="1"))
    office.take(_register("<sip:2001@192.0.2.2>", expires="200", call_id="2"))
    assert office.registrar.next_expiry() == NOW + 100
    assert office.registrar.expire(NOW + 99.9) == ()
    (change,) = office.registrar.expire(NOW + 100)
    assert (change.kind, change.why) == (ChangeKind.REMOVED, why_not.EXPIRED)
    assert office.uris() == ["sip:2001@192.0.2.2"]
    assert office.registrar.next_expiry() == NOW + 200
    office.registrar.expire(NOW + 1000)
    assert office.registrar.next_expiry() is None
    assert office.registrar.absence("2001") == why_not.EXPIRED
    assert office.registrar.absence("2002") == why_not.NEVER_SEEN


def test_a_refreshed_phone_does_not_expire_at_its_old_time(office: Office) -> None:
    office.take(_register(f"<{HOME}>", expires="100", cseq=1))
    office.take(_register(f"<{HOME}>", expires="100", cseq=2), now=NOW + 90)
    assert office.registrar.expire(NOW + 150) == ()
    assert office.registrar.next_expiry() == NOW + 190


def test_many_refreshes_do_not_pile_up(office: Office) -> None:
    for n in range(2000):
        office.take(_register(f"<{HOME}>", cseq=n + 1), now=NOW + n)
    assert len(office.registrar._table._deadlines) < 100


def test_a_clock_that_is_set_takes_nobody_s_time(office: Office) -> None:
    for n in range(3):
        office.take(_register(f"<sip:2001@192.0.2.{n}>", expires="600", call_id=f"{n}"))
    two_days = 2 * 86400.0
    changes = office.registrar.clock_stepped(two_days)
    assert [c.kind for c in changes] == [ChangeKind.REFRESHED] * 3
    assert office.registrar.expire(NOW + two_days + 599) == ()
    assert len(office.registrar.expire(NOW + two_days + 600)) == 3


# ---- the asterisk


def test_the_asterisk_removes_all(office: Office) -> None:
    office.take(_register("<sip:2001@192.0.2.1>", call_id="1"))
    office.take(_register("<sip:2001@192.0.2.2>", call_id="2"))
    outcome = office.take(_register("*", expires="0", call_id="3"))
    assert (outcome.status, _kinds(outcome), office.phones) == (200, ["removed"] * 2, ())


@pytest.mark.parametrize(
    ("contacts", "expires"),
    [(["*"], None), (["*"], "60"), (["*", f"<{HOME}>"], "0"), (["*;expires=0"], None)],
)
def test_the_asterisk_misused(office: Office, contacts: list[str], expires: str | None) -> None:
    office.take(_register("<sip:2001@192.0.2.1>", call_id="1"))
    outcome = office.take(_register(*contacts, expires=expires, call_id="2"))
    assert (outcome.status, outcome.changes) == (400, ())
    assert len(office.phones) == 1


def test_the_asterisk_out_of_order_removes_nothing(office: Office) -> None:
    office.take(_register("<sip:2001@192.0.2.1>", call_id="1", cseq=5))
    office.take(_register("<sip:2001@192.0.2.2>", call_id="2", cseq=5))
    assert office.take(_register("*", expires="0", call_id="1", cseq=5)).status == 500
    assert len(office.phones) == 2


# ---- order


@pytest.mark.parametrize("expires", ["600", "0"])
@pytest.mark.parametrize("cseq", [4, 5])
def test_the_past_is_refused(office: Office, cseq: int, expires: str) -> None:
    office.take(_register(f"<{HOME}>", cseq=5))
    outcome = office.take(_register(f"<{HOME}>", cseq=cseq, expires=expires), now=NOW + 9)
    assert (outcome.status, outcome.changes) == (500, ())
    assert office.phones[0].expires_at == NOW + 3600


def test_another_call_id_starts_afresh(office: Office) -> None:
    """A phone that was switched off counts from one again, in a new Call-ID."""
    office.take(_register(f"<{HOME}>", cseq=500))
    outcome = office.take(_register(f"<{HOME}>", cseq=1, call_id="b@phone"))
    assert _kinds(outcome) == ["refreshed"]
    assert office.phones[0].call_id == "b@phone"


def test_the_same_contact_twice_in_one_register_is_one_phone(office: Office) -> None:
    assert office.take(_register(f"<{HOME}>", f"<{HOME}>;q=0.5")).status == 200
    assert [b.q for b in office.phones] == [0.5]


def test_all_or_nothing(office: Office) -> None:
    office.take(_register("<sip:2001@192.0.2.1>", cseq=9))
    for bad in ("<sip:2001@192.0.2.3>;expires=10", "<mailto:a@b.example>", "<sip:2001@192.0.2.1>"):
        outcome = office.take(_register("<sip:2001@192.0.2.2>", bad, cseq=9))
        assert outcome.status >= 400
        assert outcome.changes == ()
        assert office.uris() == ["sip:2001@192.0.2.1"]


# ---- where phones are called


def test_behind_nat_the_source_is_called_by_the_name_it_gave(office: Office) -> None:
    office.take(_register(f"<{INSIDE}>", rport=False), source=NAT)
    (phone,) = office.phones
    assert (phone.contact_uri, phone.hop, phone.is_behind_nat) == (INSIDE, NAT, True)


def test_a_phone_that_names_itself_by_a_word_is_called_at_its_source(office: Office) -> None:
    office.take(_register("<sip:2001@phone-7.local>"), source=NAT)
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
    office.take(_register(f"<{contact}>", rport=rport), source=replace(LAN, port=51000))
    assert office.phones[0].hop == replace(LAN, port=port)


def test_a_stream_is_used_while_it_lives_and_the_contact_afterwards(office: Office) -> None:
    source = Hop(Transport.TCP, "192.0.2.10", 51000, 7)
    office.take(_register("<sip:2001@192.0.2.10:5070;transport=tcp>"), source=source)
    assert office.phones[0].hop == Hop(Transport.TCP, "192.0.2.10", 5070, 7)


def test_ipv6_is_compared_as_an_address(office: Office) -> None:
    source = Hop(Transport.UDP, "2001:db8::a", 5060)
    office.take(_register("<sip:2001@[2001:DB8:0:0::A]:5060>"), source=source)
    assert not office.phones[0].is_behind_nat


def test_path_is_kept_and_told(office: Office) -> None:
    path = "<sip:edge.example;lr>"
    source = Hop(Transport.UDP, "198.51.100.1", 5060)
    outcome = office.take(_register(f"<{HOME}>", more=[f"Path: {path}"]), source=source)
    assert ("Path", path) in outcome.headers
    assert (office.phones[0].path, office.phones[0].hop) == ((path,), source)


# ---- the same phone again


def test_a_new_source_port_replaces_the_old_binding(office: Office) -> None:
    office.take(_register(f"<{INSIDE}>", call_id="before"), source=NAT)
    moved = replace(NAT, port=50999)
    outcome = office.take(_register(f"<{INSIDE}>", call_id="after"), source=moved)
    assert _kinds(outcome) == ["refreshed"]
    assert [b.hop for b in office.phones] == [moved]


def test_a_phone_is_known_by_its_instance_wherever_it_goes(office: Office) -> None:
    instance = ';+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";reg-id=1'
    office.take(_register(f"<{HOME}>{instance}", call_id="1"))
    (before,) = office.phones
    outcome = office.take(_register(f"<{INSIDE}>{instance}", call_id="2"), source=NAT)
    (after,) = office.phones
    assert (after.key, after.contact_uri, after.hop) == (before.key, INSIDE, NAT)
    assert _contacts(outcome) == [f"<{INSIDE}>;expires=3600{instance}"]


def test_another_reg_id_is_another_flow(office: Office) -> None:
    instance = ';+sip.instance="<urn:uuid:1>";reg-id='
    office.take(_register(f"<{HOME}>{instance}1", call_id="1"))
    office.take(_register(f"<{INSIDE}>{instance}2", call_id="1"), source=NAT)
    assert len({b.key for b in office.phones}) == 2


def test_two_homes_with_the_same_private_address_are_two_phones(office: Office) -> None:
    office.take(_register(f"<{INSIDE}>", call_id="one"), source=NAT)
    other = Hop(Transport.UDP, "198.51.100.77", 5060)
    office.take(_register(f"<{INSIDE}>", call_id="two"), source=other)
    assert [b.hop for b in office.phones] == [NAT, other]
    assert len({b.key for b in office.phones}) == 2


def test_a_home_that_got_a_new_address_keeps_its_phone(office: Office) -> None:
    office.take(_register(f"<{INSIDE}>", cseq=1), source=NAT)
    other = Hop(Transport.UDP, "198.51.100.77", 5060)
    office.take(_register(f"<{INSIDE}>", cseq=2), source=other)
    assert [b.hop for b in office.phones] == [other]


def test_uris_that_are_equal_in_the_sense_of_the_rfc_are_one_phone(office: Office) -> None:
    office.take(_register("<sip:2001@192.0.2.10:5060;transport=udp>", cseq=1))
    office.take(_register("<sip:%32001@192.0.2.10:5060;Transport=UDP>", cseq=2))
    assert office.uris() == ["sip:%32001@192.0.2.10:5060;Transport=UDP"]


# ---- how many


def test_one_phone_too_many_is_refused_with_a_reason(office: Office) -> None:
    for n in range(2):
        office.take(_register(f"<sip:2001@192.0.2.{n}>", call_id=f"{n}"), most=2)
    outcome = office.take(_register("<sip:2001@192.0.2.9>", call_id="9"), most=2)
    assert (outcome.status, outcome.reason) == (403, "Too Many Phones Registered")
    assert outcome.headers[0][0] == "Warning"
    assert len(office.phones) == 2
    refresh = office.take(_register("<sip:2001@192.0.2.1>", call_id="1", cseq=2), most=2)
    assert refresh.status == 200


def test_a_lowered_limit_leaves_those_who_are_there(office: Office) -> None:
    for n in range(3):
        office.take(_register(f"<sip:2001@192.0.2.{n}>", call_id=f"{n}"))
    refresh = office.take(_register("<sip:2001@192.0.2.1>", call_id="1", cseq=2), most=1)
    assert (refresh.status, len(office.phones)) == (200, 3)


def test_the_dead_phone_that_ends_first_gives_way(office: Office) -> None:
    for n in range(3):
        office.take(_register(f"<sip:2001@192.0.2.{n}>", call_id=f"{n}"), now=NOW + n)
    for phone in office.phones[1:]:
        office.registrar.qualified(phone.key, None, why_not.NO_ANSWER, NOW + 10)
    outcome = office.take(_register("<sip:2001@192.0.2.9>", call_id="9"), most=3, now=NOW + 20)
    assert outcome.status == 200
    assert office.uris() == [f"sip:2001@192.0.2.{n}" for n in (0, 2, 9)]
    assert (outcome.changes[-1].kind, outcome.changes[-1].why) == (
        ChangeKind.REMOVED,
        why_not.REPLACED,
    )


# ---- reachability


def test_what_options_said_is_noted_until_the_phone_moves(office: Office) -> None:
    office.take(_register(f"<{HOME}>", cseq=1))
    key = office.phones[0].key
    (change,) = office.registrar.qualified(key, 12.5, "", NOW + 1)
    assert (change.kind, office.phones[0].round_trip_ms) == (ChangeKind.QUALIFIED, 12.5)
    office.registrar.qualified(key, None, "refused_503", NOW + 2)
    assert (office.phones[0].is_reachable, office.phones[0].why) == (False, "refused_503")
    office.take(_register(f"<{HOME}>", cseq=2))
    assert not office.phones[0].is_reachable  # same address, still dead
    office.take(_register(f"<{HOME}>", cseq=3), source=replace(LAN, port=50001))
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
    office.take(_register(f"<{INSIDE}>", call_id="1"), source=inside)
    office.take(_register("<sip:2001@192.0.2.10>", call_id="2"), source=lan)
    (change,) = office.registrar.connection_lost(7)
    assert change.binding.contact_uri == INSIDE
    assert [b.why for b in office.phones] == [why_not.CONNECTION_LOST, ""]
    assert office.registrar.connection_lost(0) == ()


def test_phones_come_back_after_a_restart(office: Office) -> None:
    office.take(_register(f"<{HOME}>", call_id="1"))
    stream = Hop(Transport.TCP, "203.0.113.5", 40123, 7)
    office.take(_register(f"<{INSIDE}>", call_id="2"), source=stream)
    after = Office()
    after.registrar.restore(office.phones, NOW)
    assert [b.key for b in after.phones] == [b.key for b in office.phones]
    assert [(b.is_reachable, b.why) for b in after.phones] == [
        (True, ""),
        (False, why_not.CONNECTION_LOST),
    ]
    assert after.phones[1].hop.connection == 0
    assert after.take(_register(f"<{HOME}>", call_id="1", cseq=1)).status == 500
    assert after.take(_register(f"<{HOME}>", call_id="1", cseq=2)).status == 200


def test_no_phone_is_on_record_for_longer_than_we_grant(office: Office) -> None:
    """It registered while the clock was 25 years ahead, or the clock is at 1970 now."""
    ahead = NOW + 25 * 365 * 86400
    office.take(_register(f"<{HOME}>"), now=ahead)
    after = Office()
    after.registrar.restore(office.phones, NOW)
    (phone,) = after.phones
    assert phone.expires_at == NOW + after.registrar.max_expires_s
    assert after.registrar.expire(NOW + after.registrar.max_expires_s)


def test_numbers_that_are_no_more_lose_their_phones(office: Office) -> None:
    office.take(_register(f"<{HOME}>"))
    office.registrar.register(_register(f"<{HOME}>"), "2002", LAN, 5, NOW)
    (change,) = office.registrar.retain(frozenset({"2002"}))
    assert (change.binding.address_of_record, change.why) == ("2001", why_not.REMOVED)
    assert [b.address_of_record for b in office.registrar.all()] == ["2002"]


# ---- what the field brings


@pytest.mark.parametrize(
    "contact",
    ["<sip:>", "<>", "<tel:+74951234567>", "<sip:2001@192.0.2.1:99999999>", "<<sip:a@b>>"],
)
def test_contacts_that_cannot_be_called_are_refused(office: Office, contact: str) -> None:
    outcome = office.take(_register(contact))
    assert 400 <= outcome.status < 500
    assert office.phones == ()


@pytest.mark.parametrize("q", ["nan", "-1", "1e3", "²", "7", ".", ""])
def test_an_odd_preference_counts_as_one(office: Office, q: str) -> None:
    office.take(_register(f"<{HOME}>;q={q}"))
    assert [b.q for b in office.phones] == [1.0]


@pytest.mark.parametrize(
    "params", [';+sip.instance="a\\"b"', ';reg-id="1;expires=9"', f';+sip.instance="{"x" * 300}"']
)
def test_what_cannot_be_told_back_is_not_kept(office: Office, params: str) -> None:
    outcome = office.take(_register(f"<{HOME}>{params}"))
    assert _contacts(outcome) == [f"<{HOME}>;expires=3600"]


def test_a_contact_without_end_is_refused(office: Office) -> None:
    assert office.take(_register(f"<sip:{'x' * 5000}@192.0.2.1>")).status == 400


def test_octets_that_are_no_text_come_back_as_they_were(office: Office) -> None:
    uri = b"sip:2001\xff@192.0.2.10".decode("utf-8", "surrogateescape")
    outcome = office.take(_register(f"<{uri}>"))
    assert (outcome.status, office.uris()) == (200, [uri])
