"""Calls by trunks: a dead way is left in time, what the provider sees, and who gets in.

Providers are responders with addresses of their own on loopback, apart from the phones'.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.kit.box import Box
from tests.kit.office import extension, office, secret_of, trunk
from tests.kit.ports import free_port
from tests.kit.processes import wait_until
from tests.kit.raw_sip import Address, RawCall, RawEnd, audio
from tests.kit.responder import RING, SILENT, Responder

MakeBox = Callable[..., Box]
MANY_PORTS = (61000, 65000)  # a port rests for 32 s after a call
NUMBER = "989031234567"


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


def by_address(name: str, provider: Responder, **fields: Any) -> dict[str, Any]:
    """A trunk without registration whose state nobody asks for: only calls tell of it."""
    given = {"authentication": "address", "qualify_s": 0, **fields}
    return trunk(name, provider.host, provider.port, **given)


def dial(box: Box, end: RawEnd, number: str = NUMBER, user: str = "2001") -> RawCall:
    address: Address = (box.host, box.sip_port)
    body = audio("127.0.0.1", 40000)
    call = RawCall(end, address, user, secret_of(user), number, body)
    call.invite()
    return call


def answered(call: RawCall) -> None:
    assert call.final(15).status == 200
    call.acknowledge()


# ---- fail-over


def test_a_silent_way_is_left_within_4_s(
    make_box: MakeBox, end: RawEnd, first: Responder, second: Responder
) -> None:
    first.answer = lambda request: SILENT
    box = make_box(office(trunks=[by_address("a", first), by_address("b", second)]))
    call = dial(box, end)
    call.progress()
    while call.progress().status not in (180, 183):  # ringback meanwhile
        pass
    begin = first.wait_for_invites(1)[0].request.at_s
    heard_at = time.monotonic() - begin
    answered(call)
    waited = second.invited[0].request.at_s - begin
    assert heard_at < 1
    assert 3.5 < waited < 4.5
    assert call.hang_up() == 200
    (row,) = box.wait_for_journal(1)
    assert (row["trunk"], row["number"]) == ("b", "+79031234567")
    assert [leg["party"] for leg in row["legs"]][1:] == ["trunk a", "trunk b"]


def test_a_way_known_to_be_dead_is_tried_last(
    make_box: MakeBox, end: RawEnd, first: Responder, second: Responder
) -> None:
    first.answer = lambda request: SILENT
    box = make_box(office(trunks=[by_address("a", first), by_address("b", second)]))
    call = dial(box, end)
    answered(call)
    assert call.hang_up() == 200
    assert [t["state"] for t in box.control("trunks")["trunks"]] == ["down", "unknown"]
    begin = time.monotonic()
    again = dial(box, end)
    answered(again)
    assert time.monotonic() - begin < 1
    assert again.hang_up() == 200
    first.answer = lambda request: 200
    wait_until(
        lambda: box.control("trunks")["trunks"][0]["state"] == "unknown", 8, "a gets a new chance"
    )
    last = dial(box, end)
    answered(last)
    assert last.hang_up() == 200
    assert len(first.invited) == 2


def test_a_refused_way_is_left_at_once(
    make_box: MakeBox, end: RawEnd, first: Responder, second: Responder
) -> None:
    statuses = [503, 500, 480, 403, 600]
    first.answer = lambda request: statuses[len(first.invited)]
    box = make_box(office(trunks=[by_address("a", first), by_address("b", second)]))
    for _ in statuses:
        begin = time.monotonic()
        call = dial(box, end)
        answered(call)
        assert time.monotonic() - begin < 1
        assert call.hang_up() == 200
    assert [invited.status for invited in first.invited] == statuses
    assert all(invited.is_confirmed for invited in first.invited)  # the ACKs to the refusals
    assert len(second.invited) == len(statuses)


def test_what_the_called_party_says_is_final(
    make_box: MakeBox, end: RawEnd, first: Responder, second: Responder
) -> None:
    statuses = [404, 486, 603]
    first.answer = lambda request: statuses[len(first.invited)]
    box = make_box(office(trunks=[by_address("a", first), by_address("b", second)]))
    for _ in statuses:
        call = dial(box, end)
        while call.progress().status != 183:  # the announcement that says why
            pass
        call.cancel()
        assert call.final().status == 487
    assert [invited.status for invited in first.invited] == statuses
    assert not second.invited


class ResettingListener:
    """A TCP port that takes each stream and breaks it."""

    def __init__(self, host: str) -> None:
        self._socket = socket.create_server((host, 0))
        self.host, self.port = host, self._socket.getsockname()[1]
        self.broken = 0
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            try:
                stream, _ = self._socket.accept()
            except OSError:
                return
            stream.recv(1)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            stream.close()
            self.broken += 1

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@pytest.mark.parametrize("fault", ["icmp", "tcp_refused", "tcp_reset", "dns"])
def test_a_dead_way_is_left_at_once(
    make_box: MakeBox, end: RawEnd, second: Responder, fault: str
) -> None:
    listener = ResettingListener("127.0.0.2")
    port = listener.port if fault == "tcp_reset" else free_port("127.0.0.2")
    transport = "tcp" if fault.startswith("tcp") else "udp"
    host = "no-such-provider.invalid" if fault == "dns" else "127.0.0.2"
    dead = {"name": "a", "host": host, "port": port, "transport": transport, "qualify_s": 0}
    dead |= {"authentication": "address", "source_addresses": ["127.0.0.2"]}
    box = make_box(office(trunks=[dead, by_address("b", second)]))
    begin = time.monotonic()
    call = dial(box, end)
    answered(call)
    assert time.monotonic() - begin < 1.5
    assert (listener.broken > 0) == (fault == "tcp_reset")
    assert call.hang_up() == 200
    listener.close()


def test_a_full_trunk_is_passed_over(
    make_box: MakeBox, end: RawEnd, first: Responder, second: Responder
) -> None:
    ways = [by_address("a", first, max_calls=1), by_address("b", second, max_calls=1)]
    box = make_box(office(trunks=ways))
    calls = [dial(box, end)]
    answered(calls[0])
    calls.append(dial(box, end))
    answered(calls[1])
    assert (len(first.invited), len(second.invited)) == (1, 1)
    third = dial(box, end)
    while third.progress().status != 183:
        pass
    third.cancel()
    third.final()
    assert (len(first.invited), len(second.invited)) == (1, 1)
    assert [call.hang_up() for call in calls] == [200, 200]
    rows = box.wait_for_journal(3)
    assert "way.full" in [reason["key"] for row in rows for reason in row["reasons"]]
    again = dial(box, end)
    answered(again)
    assert len(first.invited) == 2
    assert again.hang_up() == 200


# ---- what the provider sees

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
    for number, sent in ((NUMBER, called), ("95551234", local_form(form))):
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
