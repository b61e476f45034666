"""Calls by trunks: what the provider sees of us, whom he may ask for, and who gets in.

Providers are responders with addresses of their own on loopback, apart from the phones'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.kit.box import Box
from tests.kit.calling import MANY_PORTS, OUTSIDE, answered, by_address, dial
from tests.kit.office import extension, office, secret_of
from tests.kit.ports import PortRange
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.responder import RING, Responder

MakeBox = Callable[..., Box]


@pytest.fixture
def end() -> Iterator[RawEnd]:
    with RawEnd() as end:
        yield end


@pytest.fixture
def first() -> Iterator[Responder]:
    with Responder(host="127.0.0.2") as responder:
        yield responder.start()


@pytest.fixture
def second() -> Iterator[Responder]:
    with Responder(host="127.0.0.3") as responder:
        yield responder.start()


FORMS = [
    ("+e164", "+79031234567", "+74955551525"),
    ("e164", "79031234567", "74955551525"),
    ("national", "89031234567", "84955551525"),
    ("local", "89031234567", "84955551525"),
]


@pytest.mark.parametrize(("form", "called", "caller"), FORMS, ids=[f for f, _, _ in FORMS])
def test_number_forms(
    make_box: MakeBox, end: RawEnd, first: Responder, form: str, called: str, caller: str
) -> None:
    box = make_box(office(trunks=[by_address("a", first, number_form=form, **shown())]))
    for number, sent in ((OUTSIDE, called), ("95551234", local_form(form))):
        call = dial(box, end, number)
        answered(call)
        assert call.hang_up() == 200
        request = first.invited[-1].request
        assert request.uri.startswith(f"sip:{sent}@")
        assert user_of(request.header("from")).lstrip("+").endswith("5551525")
    assert user_of(first.invited[0].request.header("from")) in (caller, caller[-7:])


def shown() -> dict[str, Any]:
    return {"caller_id": "+74955551525"}


def local_form(form: str) -> str:
    whole = {"+e164": "+74955551234", "e164": "74955551234", "national": "84955551234"}
    return whole.get(form, "5551234")


def user_of(value: str) -> str:
    """The user part of a name-addr."""
    return value.partition("sip:")[2].partition("@")[0]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("from", ""),
        ("pai", "p-asserted-identity"),
        ("ppi", "p-preferred-identity"),
        ("rpid", "remote-party-id"),
    ],
)
def test_caller_id_headers(
    make_box: MakeBox, end: RawEnd, first: Responder, header: str, name: str
) -> None:
    way = by_address("a", first, caller_id_header=header, username="acc77", **shown())
    who = extension(2001, name="Ivan", caller_id="+74955552233")
    box = make_box(office(extensions=[who], trunks=[way]))
    call = dial(box, end)
    answered(call)
    request = first.invited[0].request
    if header == "from":
        assert user_of(request.header("from")) == "+74955552233"
        assert request.header("from").startswith('"Ivan"') or "Ivan" in request.header("from")
    else:
        assert user_of(request.header("from")) == "acc77"
        assert user_of(request.header(name)) == "+74955552233"
    assert not [f for f, v in request.fields if "2001" in v], "the inside stays inside"
    assert call.hang_up() == 200


def test_a_challenge_of_another_realm_gets_no_proof(
    make_box: MakeBox, end: RawEnd, first: Responder, second: Responder
) -> None:
    """An INVITE challenged in a strange realm is refused: no proof is given, the next way taken."""
    realm = ["evil.test"]
    first.answer = lambda request: 200 if request.header("proxy-authorization") else 407
    first.fields = lambda request, status: (
        [("Proxy-Authenticate", f'Digest realm="{realm[0]}", nonce="n1", qop="auth"')]
        if status == 407
        else ()
    )
    account = {"username": "acc77", "secret": "Secret-of-acc-77", "realm": "provider.test"}
    box = make_box(office(trunks=[by_address("a", first, **account), by_address("b", second)]))
    call = dial(box, end)
    answered(call)
    assert call.hang_up() == 200
    assert [i.status for i in first.invited] == [407]
    assert len(second.invited) == 1
    realm[0] = "provider.test"
    call = dial(box, end)
    answered(call)
    assert call.hang_up() == 200
    assert [i.status for i in first.invited] == [407, 407, 200]
    proof = first.invited[-1].request.header("proxy-authorization")
    assert 'username="acc77"' in proof and "Secret-of" not in proof


@pytest.mark.parametrize("host", ["::1", "[::1]", "0:0:0:0:0:0:0:1"])
def test_a_provider_with_an_ipv6_address_is_called(
    make_box: MakeBox, end: RawEnd, host: str
) -> None:
    """However it was written, and with a proof where he asks for one."""
    with Responder(host="::1") as provider:
        provider.answer = lambda request: 200 if request.header("authorization") else 401
        provider.fields = lambda request, status: (
            [("WWW-Authenticate", 'Digest realm="r", nonce="n1", qop="auth"')]
            if status == 401
            else ()
        )
        account = {"username": "acc77", "secret": "Secret-of-acc-77"}
        way = by_address("a", provider.start(), **account) | {"host": host}
        box = make_box(office(trunks=[way]), bind=("127.0.0.1", "::1"))
        call = dial(box, end)
        answered(call)
        assert call.hang_up() == 200
        assert [i.status for i in provider.invited] == [401, 200]
        assert provider.invited[0].request.uri.endswith(f"]:{provider.port}")


# ---- calls that come in


@pytest.fixture
def phone() -> Iterator[Responder]:
    with Responder() as responder:
        yield responder


CALLERS = {
    "89161112233": "+79161112233",
    "+79161112234": "+79161112234",
    "4951112233": "+74951112233",
    "810380441234567": "+380441234567",
}


def test_a_did_rings_its_extension_and_shows_the_caller(
    make_box: MakeBox, first: Responder, phone: Responder
) -> None:
    dids = [{"number": "+74955551525", "trunk": "a", "extension": "2002"}]
    box = make_box(office(trunks=[by_address("a", first)], dids=dids))
    phone.register((box.host, box.sip_port), "2002", secret_of("2002")).start()
    with RawEnd("127.0.0.2") as outside:
        for said in CALLERS:
            call = inbound(box, outside, said, "84955551525")
            answered(call)
            assert call.hang_up() == 200
    seen = [user_of(invited.request.header("from")) for invited in phone.invited]
    assert seen == list(CALLERS.values())
    rows = box.wait_for_journal(len(CALLERS))
    assert {(row["direction"], row["trunk"]) for row in rows} == {("inbound", "a")}
    assert [row["caller"] for row in reversed(rows)] == seen


def inbound(box: Box, outside: RawEnd, caller: str, number: str) -> RawCall:
    """Somebody calls by the trunk whose address ``outside`` has; to him nothing can be announced
    where he offers G.729 alone."""
    codecs = "8" if number == "84955551525" else "18"
    body = audio(outside.host, 40000, codecs=codecs)
    call = RawCall(outside, (box.host, box.sip_port), caller, "", number, body)
    call.invite()
    return call


#: What a fraudster tries: outside numbers in every spelling, codes, our own extensions.
DIAL_STRINGS = [
    *(p + n for p in ("", "9", "0", "99", "09") for n in ("89031234567", "+79031234567")),
    *(p + n for p in ("", "9", "8", "98") for n in ("10380441234567", "9031234567", "5551234")),
    *(p + "810" + c for p in ("", "9") for c in ("1900555123", "8816123456789", "252612345678")),
    *("2001", "2002", "2003", "92001", "*82002", "*43", "0", "*8", "9112", "112", "911", "9911"),
    *(
        "%2B79031234567",
        "00380441234567",
        "01138044123456",
        "2001;9",
        "9%2C89031234567",
        "74955551526",
    ),
    *("9;phone-context=+7", "tel:+79031234567", "9+89031234567", "anonymous"),
]


def test_a_trunk_s_caller_never_gets_out(
    make_box: MakeBox, first: Responder, second: Responder, phone: Responder
) -> None:
    dids = [{"number": "+74955551525", "trunk": "a", "extension": "2003"}]
    assert len(DIAL_STRINGS) >= 50
    ways = [by_address("a", first), by_address("b", second)]
    box = make_box(office(trunks=ways, dids=dids), rtp_ports=MANY_PORTS)
    phone.register((box.host, box.sip_port), "2002", secret_of("2002")).start()
    with RawEnd("127.0.0.2") as outside:
        got = {n: inbound(box, outside, "89161112233", n).final().status for n in DIAL_STRINGS}
    assert set(got.values()) <= {404, 400, 416, 480}, got
    assert not first.invited and not second.invited and not phone.invited
    rows = box.wait_for_journal(40)
    assert {row["direction"] for row in rows} == {"inbound"}
    assert {row["sent"] for row in rows} == {""}


def test_an_unknown_did_rings_the_default_extension_with_an_alert(
    make_box: MakeBox, first: Responder, phone: Responder
) -> None:
    phone.answer = lambda request: RING
    site = {"default_extension": "2002"}
    box = make_box(office(trunks=[by_address("a", first)], site=site))
    phone.register((box.host, box.sip_port), "2002", secret_of("2002")).start()
    with RawEnd("127.0.0.2") as outside:
        call = inbound(box, outside, "89161112233", "84955559999")
        phone.wait_for_invites(1)
        call.cancel()
        assert call.final().status == 487
    assert "unknown_did" in [alert["key"] for alert in box.control("status")["alerts"]]


def test_a_stranger_is_challenged(make_box: MakeBox, first: Responder, phone: Responder) -> None:
    """From another address than the trunk's, with the trunk's name and a DID."""
    dids = [{"number": "+74955551525", "trunk": "a", "extension": "2002"}]
    box = make_box(office(trunks=[by_address("a", first)], dids=dids))
    phone.register((box.host, box.sip_port), "2002", secret_of("2002")).start()
    with RawEnd("127.0.0.9") as outside:
        assert inbound(box, outside, "89161112233", "84955551525").final().status == 401
    assert not phone.invited


def test_an_emergency_finds_a_port_when_all_are_taken(
    make_box: MakeBox, end: RawEnd, first: Responder
) -> None:
    """Eight pairs are three calls and what is kept for one emergency; the next takes the ports of
    the youngest other call, and does not wait until they have rested."""
    leased = PortRange()
    low = leased.pair()
    box = make_box(office(trunks=[by_address("a", first, max_calls=9)]), rtp_ports=(low, low + 15))
    for user in ("2001", "2002", "2003"):
        answered(dial(box, end, user=user))
    assert dial(box, end, user="2001").final().status == 503
    for number, user in (("112", "2001"), ("101", "2002")):
        answered(dial(box, end, number, user))
    assert [user_of(f"<{i.request.uri}>") for i in first.invited[3:]] == ["112", "101"]
    (dropped,) = box.wait_for_journal(1)
    assert (dropped["caller"], dropped["cause"]) == ("2003", "preempted")
    assert dial(box, end, user="2003").final().status == 503
    leased.close()


def test_an_emergency_ends_as_many_calls_as_its_ports_need(
    make_box: MakeBox, end: RawEnd, first: Responder
) -> None:
    """The last calls have one pair each, and an emergency by a trunk needs two."""
    leased = PortRange()
    low = leased.pair()
    people = [extension(2001, max_calls=9), extension(2002)]
    document = office(extensions=people, trunks=[by_address("a", first)])
    box = make_box(document, rtp_ports=(low, low + 7))
    for _ in range(4):
        answered(dial(box, end, "*43"))
    assert dial(box, end, "*43").final().status == 503
    answered(dial(box, end, "112", "2002"))
    rows = box.wait_for_journal(2)
    assert [(row["dialled"], row["cause"]) for row in rows] == [("*43", "preempted")] * 2
    assert box.control("status")["calls"] == 3
    leased.close()
