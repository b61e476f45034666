"""Two hundred dial strings from those who may not call: no leg leaves by a trunk.

From a stranger of the LAN and of the internet, from a provider's address, each in its own name and
in an extension's; through the front desk, routing and the switchboard of a whole exchange.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from appliance.sip import events as sip
from tests.kit.stage import Party, Stage, on_stage
from tests.routing.dial_offices import read_table
from tests.test_exchange_trunks import with_trunks

STRINGS = [row[0] for row in read_table("national.toml")["rows"] if row[0].strip()][:220]
#: What an office may have at worst: everything open to everybody, no limits in the way.
KINDS = ["local", "national", "mobile", "premium", "toll_free", "international"]
OPEN = {
    "name": "national",
    "allows": ["internal", "feature", *KINDS],
    "countries": ["*", "XS", "XR", "XN"],
}


def office() -> dict[str, Any]:
    document = with_trunks("one", "two")
    rule = {"name": "out", "kinds": [*KINDS, "emergency"], "ways": ["two", "one"]}
    return {**document, "rules": [rule], "classes": [OPEN]}


def _uri_user(dialled: str) -> str:
    """The string as a SIP user part; what a URI cannot hold is escaped (RFC 3261 §25.1)."""
    return quote(dialled, safe="+*;,=&$-_.!~'()/?")


async def _dial_everything(stage: Stage, party: Party, user: str) -> None:
    party.number = user
    for start in range(0, len(STRINGS), 20):
        for dialled in STRINGS[start : start + 20]:
            await party.call(_uri_user(dialled), credentials=None)
        # In time for nobody's budget to end the test before its point.
        await stage.wait(20, step_s=0.5)


def _assert_nothing_left(stage: Stage, providers: list[Party]) -> None:
    for provider in providers:
        assert not provider.heard(sip.InviteReceived), provider.requests
    for row in stage.journal.rows:
        assert all(leg.role == "originating" or "trunk" not in leg.party for leg in row.legs)
    assert all(not spent.calls_last_hour for spent in _spent(stage))


def _spent(stage: Stage) -> list[Any]:
    return list(stage.exchange.live.state().spent.values())


def test_there_are_two_hundred_strings() -> None:
    assert len(STRINGS) >= 200


@pytest.mark.parametrize("host", ["192.168.1.77", "198.51.100.7"])
@pytest.mark.parametrize("user", ["2001", "stranger"])
def test_a_stranger_is_challenged_whatever_he_dials(host: str, user: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.phone("2001", "192.168.1.11")
        providers = [stage.party("203.0.113.1"), stage.party("203.0.113.2")]
        stranger = stage.party(host)
        await _dial_everything(stage, stranger, user)
        _assert_nothing_left(stage, providers)
        answers = [e.response.status for e in stranger.heard(sip.SessionFailed) if e.response]
        assert set(answers) <= {400, 401, 416, 484, 604}
        assert answers.count(401) >= (200 if host.startswith("192.") else 10)
        assert not stage.journal.rows  # nobody's call even began

    on_stage(play, office())


@pytest.mark.parametrize("user", ["2001", "+79161234567"])
def test_a_providers_address_reaches_dids_only(user: str) -> None:
    async def play(stage: Stage) -> None:
        await stage.phone("2001", "192.168.1.11")
        provider, other = stage.party("203.0.113.1"), stage.party("203.0.113.2")
        await _dial_everything(stage, provider, user)
        await stage.wait(60, step_s=0.5)
        _assert_nothing_left(stage, [provider, other])
        assert len(stage.journal.rows) >= 200  # they were calls, from a trunk
        assert {row.direction for row in stage.journal.rows} == {"inbound"}

    on_stage(play, office())


def test_the_same_strings_do_leave_when_the_extension_itself_dials_them() -> None:
    """The office of this test is open: what keeps strangers in is who they are."""

    async def play(stage: Stage) -> None:
        a = await stage.phone("2001", "192.168.1.11")
        provider = stage.party("203.0.113.2")
        session = await a.call("810375171234567")
        assert provider.heard(sip.InviteReceived)
        a.endpoint.cancel(session, "", now=stage.now())
        await stage.wait(1)

    on_stage(play, office())
