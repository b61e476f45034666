"""Tests of appliance/legs/identity.py: who asks is known by digest or by a provider's address."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import MagicMock

import pytest

from appliance.config.presets import make_snapshot
from appliance.guard.gate import Gate
from appliance.guard.logins import Surroundings
from appliance.guard.signatures import Signatures
from appliance.legs.guests import Guests, NoUnclaimed
from appliance.legs.identity import Challenge, Doorkeeper, Refused
from appliance.legs.parts import Addresses
from appliance.sip.digest import answer_challenge, parse_challenges
from appliance.sip.digest_server import DigestServer
from appliance.sip.events import Credentials, Hop, Transport
from appliance.sip.message import Request, parse_message
from tests.kit.stage import BOX, document_of

SECRET = "Secret-of-the-phone"
PHONE = Hop(Transport.UDP, "192.168.1.11", 5060)
DOCUMENT: dict[str, Any] = {
    "extensions": [
        {"number": "2001", "secret": SECRET},
        {"number": "2002", "secret": SECRET + "2"},
        {"number": "2003", "secret": SECRET, "is_enabled": False},
    ],
    "trunks": [
        {"name": "by_net", "host": "a.example", "source_addresses": ["198.51.100.0/24"]},
        {"name": "by_name", "host": "b.example", "username": "office"},
        {"name": "twin", "host": "b.example", "username": "second"},
        {
            "name": "off",
            "host": "c.example",
            "source_addresses": ["192.0.2.0/24"],
            "is_enabled": False,
        },
    ],
    "dids": [{"number": "+74951234567", "trunk": "twin", "extension": "2001"}],
}


AROUND = Surroundings(
    is_lan=lambda host: host.startswith("192.168."),
    is_trunk=lambda host: False,
    is_account=lambda name: name in ("2001", "2002"),
    lives_at=lambda account, hop: False,
)


@pytest.fixture
def alerts() -> list[str]:
    return []


@pytest.fixture
def door(alerts: list[str]) -> Doorkeeper:
    snapshot = make_snapshot(1, document_of(DOCUMENT))
    trunks = snapshot.document.trunk_by_name
    known = {"203.0.113.5": [trunks["by_name"], trunks["twin"]]}
    return Doorkeeper(
        DigestServer("dozvon", b"known to the box alone"),
        Guests(MagicMock(), MagicMock(), lambda: snapshot, NoUnclaimed()),
        Addresses(snapshot.document.site, lambda hop: BOX),
        lambda host: known.get(host, []),
        Gate(AROUND, Signatures({}), lambda key, detail: alerts.append(key)),
    )


def request(
    method: str = "INVITE", from_: str = "2001", to: str = "2002", authorization: str = ""
) -> Request:
    extra = f"Authorization: {authorization}\r\n" if authorization else ""
    text = (
        f"{method} sip:{to}@192.168.1.1 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 192.168.1.11;branch=z9hG4bK1\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:{from_}@192.168.1.1>;tag=1\r\n"
        f"To: <sip:{to}@192.168.1.1>\r\nCall-ID: 1\r\nCSeq: 1 {method}\r\n{extra}"
        "Content-Length: 0\r\n\r\n"
    )
    message = parse_message(text.encode())
    assert isinstance(message, Request)
    return message


def proof(door: Doorkeeper, username: str, password: str, method: str = "INVITE") -> str:
    """The Authorization of who asks, is challenged, and answers."""
    challenge = door.extension(request(method), PHONE, 1000.0)
    assert isinstance(challenge, Challenge)
    asked = parse_challenges([value for _, value in challenge.headers])[0]
    return answer_challenge(
        asked,
        Credentials(username, password),
        method,
        "sip:2002@192.168.1.1",
        cnonce="abcdef",
        nonce_count=1,
    )


def test_who_proves_his_secret_is_known(door: Doorkeeper) -> None:
    who = door.extension(request(authorization=proof(door, "2001", SECRET)), PHONE, 1001.0)
    assert not isinstance(who, Challenge | Refused)
    assert who.number == "2001"


@pytest.mark.parametrize(
    ("username", "password"),
    [("2001", "wrong"), ("2001", ""), ("2999", SECRET), ("2003", SECRET), ("", "")],
    ids=["wrong", "empty", "unknown", "switched off", "nobody"],
)
def test_known_and_unknown_are_answered_alike(
    door: Doorkeeper, username: str, password: str
) -> None:
    value = proof(door, username, password)
    assert isinstance(door.extension(request(authorization=value), PHONE, 1001.0), Challenge)


def test_credentials_for_another_realm_are_no_guess(door: Doorkeeper, alerts: list[str]) -> None:
    value = 'Digest username="2001", realm="old", nonce="n", uri="sip:x", response="0"'
    for _ in range(40):
        assert isinstance(door.extension(request(authorization=value), PHONE, 1000.0), Challenge)
    assert alerts == []
    assert not isinstance(
        door.extension(request(authorization=proof(door, "2001", SECRET)), PHONE, 1001.0),
        Challenge | Refused,
    )


def test_a_number_that_may_not_be_tried_is_as_unknown_as_any(
    door: Doorkeeper, alerts: list[str]
) -> None:
    def is_stale(username: str, nonce: str) -> bool:
        value = proof(door, username, SECRET)
        if nonce:
            value = re.sub('nonce="[0-9a-f]+"', f'nonce="{nonce}"', value)
        answer = door.extension(request(authorization=value), PHONE, 1001.0)
        assert isinstance(answer, Challenge)
        return all("stale=true" in text for _, text in answer.headers)

    for username in ("2001", "2999"):
        for _ in range(10):
            value = proof(door, username, "wrong")
            door.extension(request(authorization=value), PHONE, 1001.0)
    assert alerts == ["login_barred", "login_barred"]
    for nonce, stale in (("", False), ("0" * 44, True)):
        assert is_stale("2001", nonce) == is_stale("2999", nonce) == stale


def test_nobody_speaks_in_another_s_name(door: Doorkeeper) -> None:
    value = proof(door, "2001", SECRET)
    who = door.extension(request(from_="2002", authorization=value), PHONE, 1001.0)
    assert isinstance(who, Refused) and who.status == 403


def test_a_registration_claims_the_number_of_to(door: Doorkeeper) -> None:
    value = proof(door, "2001", SECRET, "REGISTER")
    who = door.extension(request("REGISTER", "2001", "2002", value), PHONE, 1001.0)
    assert isinstance(who, Refused)


def test_an_answer_that_is_repeated_is_stale(door: Doorkeeper) -> None:
    value = proof(door, "2001", SECRET)
    assert not isinstance(door.extension(request(authorization=value), PHONE, 1001.0), Challenge)
    again = door.extension(request(authorization=value), PHONE, 1001.0)
    assert isinstance(again, Challenge)
    assert all("stale=true" in text for _, text in again.headers)


@pytest.mark.parametrize(
    "value", ["Digest", "Basic abc", 'Digest username="2001"', "\x00", "Digest ,,=,"]
)
def test_odd_credentials_are_challenged(door: Doorkeeper, value: str) -> None:
    assert isinstance(door.extension(request(authorization=value), PHONE, 1000.0), Challenge)


@pytest.mark.parametrize(
    ("host", "called", "trunk"),
    [
        ("198.51.100.77", "1", "by_net"),
        ("198.51.101.77", "1", None),
        ("192.0.2.1", "1", None),
        ("2001:db8::1", "1", None),
        ("fe80::1%eth0", "1", None),
        ("203.0.113.5", "office", "by_name"),
        ("203.0.113.5", "second", "twin"),
        ("203.0.113.5", "+74951234567", "twin"),
        ("203.0.113.5", "74951234567", "twin"),
        ("203.0.113.5", "nobody", "by_name"),
    ],
)
def test_a_trunk_is_known_by_address(
    door: Doorkeeper, host: str, called: str, trunk: str | None
) -> None:
    found = door.trunk(request(to=called), Hop(Transport.UDP, host, 5060))
    assert (found.name if found else None) == trunk
