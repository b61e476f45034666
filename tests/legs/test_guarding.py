"""Tests of appliance/legs/guarding.py: the guard in a whole house, in virtual time."""

from __future__ import annotations

import pytest

from appliance.guard.homes import Homes
from appliance.legs.guarding import welcome
from appliance.sip import events as sip
from tests.kit.stage import Party, Stage, on_stage
from tests.test_exchange import office
from tests.test_exchange_trunks import with_trunks

SECRET = "Secret-of-the-phone"


async def guess(stage: Stage, party: Party, number: str, times: int) -> list[int]:
    """Wrong passwords from a party; 0 where nothing came back."""
    statuses = []
    for attempt in range(times):
        heard = len(party.heard(sip.ResponseReceived))
        try:
            statuses.append(await party.register(number, f"guess {attempt}"))
        except AssertionError:
            statuses.append(0)
        if len(party.heard(sip.ResponseReceived)) == heard:
            statuses[-1] = 0
    return statuses


def alerts(stage: Stage) -> list[str]:
    return [str(alert["key"]) for alert in stage.alerts.listed()]


def test_a_stranger_who_guesses_is_banned_for_ten_minutes() -> None:
    async def play(stage: Stage) -> None:
        thief = stage.party("203.0.113.66")
        assert await guess(stage, thief, "2001", 12) == [401] * 10 + [0, 0]
        assert alerts(stage) == ["place_banned"]
        await stage.wait(310, 1.0)
        again = stage.party("203.0.113.66", 5061)
        assert await guess(stage, again, "2001", 1) == [0]
        await stage.wait(300, 1.0)
        assert await stage.party("203.0.113.66", 5062).register("2001", SECRET) == 200

    on_stage(play, office())


def test_a_lan_phone_s_address_is_never_banned() -> None:
    async def play(stage: Stage) -> None:
        phone = await stage.phone("2001", "192.168.1.11")
        softphone = stage.party("192.168.1.11", 6000)
        assert await guess(stage, softphone, "2002", 40) == [401] * 40
        assert await phone.register("2001", SECRET) == 200
        assert await softphone.register("2002", SECRET) == 401  # barred for a while
        await stage.wait(301, 1.0)
        assert await softphone.register("2002", SECRET) == 200

    on_stage(play, office())


def test_an_account_under_attack_keeps_its_phone() -> None:
    async def play(stage: Stage) -> None:
        phone = await stage.phone("2001", "198.51.100.7")
        other = await stage.phone("2002", "192.168.1.12")
        for number in range(10):
            thief = stage.party(f"203.0.113.{number + 1}")
            await guess(stage, thief, "2001", 3)
        assert "account_attacked" in alerts(stage)
        assert await stage.party("203.0.113.99").register("2001", SECRET) == 401
        assert await phone.register("2001", SECRET) == 200
        await phone.call("2002")
        await other.answer()
        assert phone.heard(sip.SessionAnswered)
        await stage.wait(601, 1.0)
        assert await stage.party("203.0.113.98").register("2001", SECRET) == 200

    on_stage(play, office())


def test_phones_of_before_a_restart_are_known() -> None:
    async def play(stage: Stage) -> None:
        phone = await stage.phone("2001", "198.51.100.7")
        logins = stage.exchange.gate.logins
        logins.homes = Homes()
        assert not logins.homes.is_known(phone.address[0], stage.now())
        welcome(stage.exchange.gate, stage.exchange.registrar.all(), stage.now())
        assert logins.homes.is_home(phone.address[0], "2001", stage.now())

    on_stage(play, office())


@pytest.mark.parametrize(
    ("status", "name"), [(401, "WWW-Authenticate"), (407, "Proxy-Authenticate")]
)
def test_a_phone_that_challenges_us_is_told_nothing(status: int, name: str) -> None:
    """Not with the trunk's account, and not with its own secret."""

    async def play(stage: Stage) -> None:
        caller = await stage.phone("2001", "192.168.1.11")
        phone = await stage.phone("2002", "192.168.1.12")
        told: list[bytes] = []
        stage.on_wire = lambda source, target, data: (
            told.append(data) if target == phone.address else None
        )
        session = await caller.call("2002")
        phone.endpoint.reject(
            phone.ringing,
            status,
            headers=((name, 'Digest realm="dozvon", nonce="n", qop="auth"'),),
            now=stage.now(),
        )
        await stage.wait(60)
        assert caller.status_of(session) not in (401, 407)
        assert sum(data.startswith(b"INVITE") for data in told) == 1
        assert not any(b"uthorization:" in data for data in told)

    on_stage(play, with_trunks("one", username="account", secret="Secret-of-the-trunk"))


_CLAIMS = [
    ("P-Asserted-Identity", '"Director" <sip:2004@192.168.1.1>'),
    ("P-Preferred-Identity", "<sip:2004@192.168.1.1>"),
    ("Remote-Party-ID", '"Director" <sip:2004@192.168.1.1>;party=calling;screen=yes'),
]


@pytest.mark.parametrize("header", _CLAIMS, ids=[name for name, _ in _CLAIMS])
def test_what_a_phone_claims_to_be_is_not_read(header: tuple[str, str]) -> None:
    async def play(stage: Stage) -> None:
        caller = await stage.phone("2001", "192.168.1.11")
        phone = await stage.phone("2002", "192.168.1.12")
        await caller.call("2002", headers=(header,), from_display="Director")
        request = phone.last(sip.InviteReceived).request
        assert "2001" in request.from_.uri and "Director" not in request.from_.display
        shown = " ".join(f"{name}: {value}" for name, value in request.headers.items())
        assert "2004" not in shown and "Director" not in shown

    on_stage(play, office())


@pytest.mark.parametrize("number", ["2003", "2999", "112", "anonymous"])
def test_a_phone_that_calls_as_another_is_refused(number: str) -> None:
    async def play(stage: Stage) -> None:
        caller = await stage.phone("2001", "192.168.1.11")
        session = await caller.call("2002", from_uri=f"sip:{number}@192.168.1.1")
        assert caller.status_of(session) == 403
        assert stage.journal.begun == []

    on_stage(play, office())
