"""The registrar by RFC 3261 §10.3: who is added, for how long, how many, in which order."""

from __future__ import annotations

import pytest

from appliance.sip import binding as why_not
from appliance.sip.binding import ChangeKind
from tests.sip.registering import HOME, LAN, NAT, NOW, Office, contacts_of, kinds_of, register


@pytest.fixture
def office() -> Office:
    return Office()


# ---- adding, refreshing, removing


def test_a_phone_is_added_and_listed(office: Office) -> None:
    outcome = office.take(register(f"<{HOME}>;q=0.5", expires="600"))
    assert outcome.status == 200
    assert contacts_of(outcome) == [f"<{HOME}>;expires=600;q=0.500"]
    (phone,) = office.phones
    assert outcome.changes[0].binding is phone
    assert (phone.expires_at, phone.q, phone.user_agent) == (NOW + 600, 0.5, "Phone 1.0")
    assert (phone.hop, phone.is_behind_nat, phone.is_reachable) == (LAN, False, True)
    assert office.registrar.binding(phone.key) is phone


def test_a_refresh_keeps_the_key(office: Office) -> None:
    office.take(register(f"<{HOME}>", cseq=1))
    (before,) = office.phones
    outcome = office.take(register(f"<{HOME}>", cseq=2), now=NOW + 50)
    (after,) = office.phones
    assert kinds_of(outcome) == ["refreshed"]
    assert after.key == before.key
    assert after.expires_at == before.expires_at + 50


def test_several_phones_come_by_q_and_then_by_age(office: Office) -> None:
    for n, q in enumerate(["0.1", "1.0", "0.1", "0.7"]):
        office.take(register(f"<sip:2001@192.0.2.{n}>;q={q}", call_id=f"{n}"))
    assert office.uris() == [f"sip:2001@192.0.2.{n}" for n in (1, 3, 0, 2)]


@pytest.mark.parametrize("how", ["header", "param"])
def test_expires_zero_removes(office: Office, how: str) -> None:
    office.take(register(f"<{HOME}>", cseq=1))
    request = (
        register(f"<{HOME}>", expires="0", cseq=2)
        if how == "header"
        else register(f"<{HOME}>;expires=0", expires="600", cseq=2)
    )
    outcome = office.take(request)
    assert (outcome.status, contacts_of(outcome), kinds_of(outcome)) == (200, [], ["removed"])
    assert outcome.changes[0].why == why_not.UNREGISTERED
    assert office.registrar.absence("2001") == why_not.UNREGISTERED


def test_removing_what_is_not_there_is_no_error(office: Office) -> None:
    outcome = office.take(register(f"<{HOME}>", expires="0"))
    assert (outcome.status, outcome.changes) == (200, ())


def test_no_contact_only_fetches(office: Office) -> None:
    office.take(register(f"<{HOME}>", expires="600", cseq=1))
    outcome = office.take(register(cseq=1), now=NOW + 10)
    assert (outcome.status, outcome.changes) == (200, ())
    assert contacts_of(outcome) == [f"<{HOME}>;expires=590"]


def test_a_swap_in_one_register_works_in_either_order(office: Office) -> None:
    office.take(register(f'<{HOME}>;+sip.instance="<urn:uuid:1>"', cseq=1))
    new = "<sip:2001@203.0.113.5:40123>"
    instance = ';+sip.instance="<urn:uuid:1>"'
    outcome = office.take(
        register(f"{new}{instance}", f"<{HOME}>{instance};expires=0", cseq=2), source=NAT
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
    outcome = office.take(register(f"<{HOME}>{contact}", expires=header))
    assert contacts_of(outcome) == [f"<{HOME}>;expires={granted}"]


def test_too_brief_is_refused_with_the_least(office: Office) -> None:
    outcome = office.take(register(f"<{HOME}>", expires="59"))
    assert (outcome.status, outcome.headers) == (423, (("Min-Expires", "60"),))
    assert office.phones == ()


def test_phones_expire(office: Office) -> None:
    office.take(register("<sip:2001@192.0.2.1>", expires="100", call_id="1"))
    office.take(register("<sip:2001@192.0.2.2>", expires="200", call_id="2"))
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
    office.take(register(f"<{HOME}>", expires="100", cseq=1))
    office.take(register(f"<{HOME}>", expires="100", cseq=2), now=NOW + 90)
    assert office.registrar.expire(NOW + 150) == ()
    assert office.registrar.next_expiry() == NOW + 190


def test_many_refreshes_do_not_pile_up(office: Office) -> None:
    for n in range(2000):
        office.take(register(f"<{HOME}>", cseq=n + 1), now=NOW + n)
    assert len(office.registrar._table._deadlines) < 100


def test_a_clock_that_is_set_takes_nobody_s_time(office: Office) -> None:
    for n in range(3):
        office.take(register(f"<sip:2001@192.0.2.{n}>", expires="600", call_id=f"{n}"))
    two_days = 2 * 86400.0
    changes = office.registrar.clock_stepped(two_days)
    assert [c.kind for c in changes] == [ChangeKind.REFRESHED] * 3
    assert office.registrar.expire(NOW + two_days + 599) == ()
    assert len(office.registrar.expire(NOW + two_days + 600)) == 3


# ---- the asterisk


def test_the_asterisk_removes_all(office: Office) -> None:
    office.take(register("<sip:2001@192.0.2.1>", call_id="1"))
    office.take(register("<sip:2001@192.0.2.2>", call_id="2"))
    outcome = office.take(register("*", expires="0", call_id="3"))
    assert (outcome.status, kinds_of(outcome), office.phones) == (200, ["removed"] * 2, ())


@pytest.mark.parametrize(
    ("contacts", "expires"),
    [(["*"], None), (["*"], "60"), (["*", f"<{HOME}>"], "0"), (["*;expires=0"], None)],
)
def test_the_asterisk_misused(office: Office, contacts: list[str], expires: str | None) -> None:
    office.take(register("<sip:2001@192.0.2.1>", call_id="1"))
    outcome = office.take(register(*contacts, expires=expires, call_id="2"))
    assert (outcome.status, outcome.changes) == (400, ())
    assert len(office.phones) == 1


def test_the_asterisk_out_of_order_removes_nothing(office: Office) -> None:
    office.take(register("<sip:2001@192.0.2.1>", call_id="1", cseq=5))
    office.take(register("<sip:2001@192.0.2.2>", call_id="2", cseq=5))
    assert office.take(register("*", expires="0", call_id="1", cseq=5)).status == 500
    assert len(office.phones) == 2


# ---- order


@pytest.mark.parametrize("expires", ["600", "0"])
@pytest.mark.parametrize("cseq", [4, 5])
def test_the_past_is_refused(office: Office, cseq: int, expires: str) -> None:
    office.take(register(f"<{HOME}>", cseq=5))
    outcome = office.take(register(f"<{HOME}>", cseq=cseq, expires=expires), now=NOW + 9)
    assert (outcome.status, outcome.changes) == (500, ())
    assert office.phones[0].expires_at == NOW + 3600


def test_another_call_id_starts_afresh(office: Office) -> None:
    """A phone that was switched off counts from one again, in a new Call-ID."""
    office.take(register(f"<{HOME}>", cseq=500))
    outcome = office.take(register(f"<{HOME}>", cseq=1, call_id="b@phone"))
    assert kinds_of(outcome) == ["refreshed"]
    assert office.phones[0].call_id == "b@phone"


def test_the_same_contact_twice_in_one_register_is_one_phone(office: Office) -> None:
    assert office.take(register(f"<{HOME}>", f"<{HOME}>;q=0.5")).status == 200
    assert [b.q for b in office.phones] == [0.5]


def test_all_or_nothing(office: Office) -> None:
    office.take(register("<sip:2001@192.0.2.1>", cseq=9))
    for bad in ("<sip:2001@192.0.2.3>;expires=10", "<mailto:a@b.example>", "<sip:2001@192.0.2.1>"):
        outcome = office.take(register("<sip:2001@192.0.2.2>", bad, cseq=9))
        assert outcome.status >= 400
        assert outcome.changes == ()
        assert office.uris() == ["sip:2001@192.0.2.1"]


# ---- how many


def test_one_phone_too_many_is_refused_with_a_reason(office: Office) -> None:
    for n in range(2):
        office.take(register(f"<sip:2001@192.0.2.{n}>", call_id=f"{n}"), most=2)
    outcome = office.take(register("<sip:2001@192.0.2.9>", call_id="9"), most=2)
    assert (outcome.status, outcome.reason) == (403, "Too Many Phones Registered")
    assert outcome.headers[0][0] == "Warning"
    assert len(office.phones) == 2
    refresh = office.take(register("<sip:2001@192.0.2.1>", call_id="1", cseq=2), most=2)
    assert refresh.status == 200


def test_a_lowered_limit_leaves_those_who_are_there(office: Office) -> None:
    for n in range(3):
        office.take(register(f"<sip:2001@192.0.2.{n}>", call_id=f"{n}"))
    refresh = office.take(register("<sip:2001@192.0.2.1>", call_id="1", cseq=2), most=1)
    assert (refresh.status, len(office.phones)) == (200, 3)


def test_the_dead_phone_that_ends_first_gives_way(office: Office) -> None:
    for n in range(3):
        office.take(register(f"<sip:2001@192.0.2.{n}>", call_id=f"{n}"), now=NOW + n)
    for phone in office.phones[1:]:
        office.registrar.qualified(phone.key, None, why_not.NO_ANSWER, NOW + 10)
    outcome = office.take(register("<sip:2001@192.0.2.9>", call_id="9"), most=3, now=NOW + 20)
    assert outcome.status == 200
    assert office.uris() == [f"sip:2001@192.0.2.{n}" for n in (0, 2, 9)]
    assert (outcome.changes[-1].kind, outcome.changes[-1].why) == (
        ChangeKind.REMOVED,
        why_not.REPLACED,
    )


def test_a_flow_number_without_an_instance_says_nothing(office: Office) -> None:
    """RFC 5626 §6: two contacts of one REGISTER are two, whatever they call their flows."""
    two = [f"<sip:2001@192.0.2.{n}:5060>;reg-id=1" for n in (10, 11)]
    assert office.take(register(*two)).status == 200
    assert office.uris() == ["sip:2001@192.0.2.10:5060", "sip:2001@192.0.2.11:5060"]


# ---- what the field brings


@pytest.mark.parametrize(
    "contact",
    ["<sip:>", "<>", "<tel:+74951234567>", "<sip:2001@192.0.2.1:99999999>", "<<sip:a@b>>"],
)
def test_contacts_that_cannot_be_called_are_refused(office: Office, contact: str) -> None:
    outcome = office.take(register(contact))
    assert 400 <= outcome.status < 500
    assert office.phones == ()


@pytest.mark.parametrize("q", ["nan", "-1", "1e3", "²", "7", ".", ""])
def test_an_odd_preference_counts_as_one(office: Office, q: str) -> None:
    office.take(register(f"<{HOME}>;q={q}"))
    assert [b.q for b in office.phones] == [1.0]


@pytest.mark.parametrize(
    "params", [';+sip.instance="a\\"b"', ';reg-id="1;expires=9"', f';+sip.instance="{"x" * 300}"']
)
def test_what_cannot_be_told_back_is_not_kept(office: Office, params: str) -> None:
    outcome = office.take(register(f"<{HOME}>{params}"))
    assert contacts_of(outcome) == [f"<{HOME}>;expires=3600"]


def test_a_contact_without_end_is_refused(office: Office) -> None:
    assert office.take(register(f"<sip:{'x' * 5000}@192.0.2.1>")).status == 400


def test_octets_that_are_no_text_come_back_as_they_were(office: Office) -> None:
    uri = b"sip:2001\xff@192.0.2.10".decode("utf-8", "surrogateescape")
    outcome = office.take(register(f"<{uri}>"))
    assert (outcome.status, office.uris()) == (200, [uri])
