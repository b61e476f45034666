"""What a trunk knows of its provider: registration, qualify, refusals, and when it asks again.

Providers are kamailio and a responder that says what the test wants; each trunk has its own address
on loopback, apart from the phones'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.kit.box import Box
from tests.kit.kamailio import Provider, ProviderOptions
from tests.kit.office import extension, office, secret_of, trunk
from tests.kit.ports import free_port
from tests.kit.processes import wait_until
from tests.kit.raw_sip import Heard
from tests.kit.responder import SILENT, Responder
from tests.kit.rtp_end import RtpEnd
from tests.kit.sipp import Sipp, SippOptions, audio_port
from tests.kit.trunk_state import state_of, wait_for_state

ACCOUNT, REALM = "74955550000", "provider.test"
MakeBox = Callable[..., Box]


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Responder]:
    with Responder(host="127.0.0.2") as responder:
        yield responder.start()


# ---- kamailio


def test_registered_with_digest_and_heard_both_ways(make_box: MakeBox, tmp_path: Path) -> None:
    """Out to the world and in to a DID, sound measured end to end."""
    with ExitStack() as stack:
        one, two = (stack.enter_context(RtpEnd(hz=hz)) for hz in (440, 1000))
        world = free_port("127.0.0.2")
        options = ProviderOptions(
            secret=secret_of("kam"), realm=REALM, host="127.0.0.2", world=f"127.0.0.2:{world}"
        )
        kamailio = stack.enter_context(Provider(tmp_path, options))
        way = trunk("kam", kamailio.host, kamailio.port, realm=REALM, number_form="e164")
        did = {"number": "+74955550000", "trunk": "kam", "extension": "2002"}
        box = make_box(office(trunks=[way], dids=[did]))
        kamailio.wait_for_request("registered")
        wait_for_state(box, "kam", "up")
        assert state_of(box, "kam")["expires_in_s"] > 60
        called = SippOptions(
            host="127.0.0.2", port=world, media_host="127.0.0.1", values={"audio_port": two.port}
        )
        caller = SippOptions(
            remote=f"{box.host}:{box.sip_port}",
            username="2001",
            secret=secret_of("2001"),
            values={"number": "989031234567", "audio_port": one.port, "talk_ms": 1200},
        )
        uas = stack.enter_context(Sipp(tmp_path, "uas_answer", called))
        uac = stack.enter_context(Sipp(tmp_path, "uac_call", caller))
        uac.wait_for_message("SIP/2.0 200")
        one.send_to(box.host, audio_port(uac.messages(), "SIP/2.0 200"))
        two.send_to(box.host, audio_port(uas.messages(), "INVITE sip:"))
        uac.wait()
        uas.wait()
        assert one.sound().heard().is_tone(1000)
        assert two.sound().heard().is_tone(440)
        assert "INVITE sip:79031234567@" in uas.messages()
        assert kamailio.wait_for_request("call out 79031234567")
        inbound(box, kamailio, stack, tmp_path)
        (row, before) = box.wait_for_journal(2)
        assert (before["trunk"], before["sent"]) == ("kam", "79031234567")
        assert (row["direction"], row["trunk"], row["caller"]) == ("inbound", "kam", "+79161112233")


def inbound(box: Box, kamailio: Provider, stack: ExitStack, tmp_path: Path) -> None:
    """The world calls our DID by the provider."""
    phone = stack.enter_context(Responder())
    phone.register((box.host, box.sip_port), "2002", secret_of("2002")).start()
    calling = SippOptions(
        remote=f"{kamailio.host}:{kamailio.port}",
        host="127.0.0.2",
        username="79161112233",
        values={"number": ACCOUNT},
    )
    stack.enter_context(Sipp(tmp_path, "uac_plain_call", calling)).wait()
    (invited,) = phone.invited
    assert "sip:+79161112233@" in invited.request.header("from")


def test_a_wrong_secret_is_told_and_not_repeated(make_box: MakeBox, tmp_path: Path) -> None:
    """Providers ban those who ask again and again: one attempt, then two minutes of rest."""
    options = ProviderOptions(secret="another-secret-99", realm=REALM, host="127.0.0.2")
    with Provider(tmp_path, options) as kamailio:
        box = make_box(office(trunks=[trunk("kam", kamailio.host, kamailio.port, qualify_s=1)]))
        wait_for_state(box, "kam", "down", "credentials_refused")
        asked = kamailio.log().count("saw REGISTER")
        assert asked == 2  # the challenge and the proof
        since = state_of(box, "kam")["changed_at"]
        wait_until(lambda: time_of(box) - since > 7, 9, "the ordinary retry would have come")
        assert kamailio.log().count("saw REGISTER") == asked
        assert state_of(box, "kam")["status"] in (401, 403)
        assert [a["key"] for a in box.control("status")["alerts"]] == ["trunk_down"]


def time_of(box: Box) -> float:
    status = box.control("status")
    return float(status["started_at"] + status["uptime_s"])


# ---- what a provider may say to REGISTER


def registering(provider: Responder, **fields: Any) -> dict[str, Any]:
    return trunk("p", provider.host, provider.port, **fields)


def test_423_is_honoured(make_box: MakeBox, provider: Responder) -> None:
    def answer(request: Heard) -> int:
        return 200 if int(request.header("expires")) >= 1800 else 423

    provider.answer_other = answer
    provider.fields = lambda request, status: [("Min-Expires", "1800")] if status == 423 else ()
    box = make_box(office(trunks=[registering(provider)]))
    wait_for_state(box, "p", "up")
    assert [r.header("expires") for r in provider.asked("REGISTER")] == ["600", "1800"]
    assert 1700 < state_of(box, "p")["expires_in_s"] <= 1800
    first, second = provider.asked("REGISTER")
    assert first.header("call-id") == second.header("call-id")


@pytest.mark.parametrize(
    ("status", "why"),
    [(403, "credentials_refused"), (404, "account_unknown"), (503, "overloaded"), (500, "refused")],
)
def test_refused_registrations_say_why(
    make_box: MakeBox, provider: Responder, status: int, why: str
) -> None:
    provider.answer_other = lambda request: status
    box = make_box(office(trunks=[registering(provider)]))
    wait_for_state(box, "p", "down", why)
    assert state_of(box, "p")["status"] == status


def test_a_challenge_of_another_realm_gets_no_proof(make_box: MakeBox, provider: Responder) -> None:
    """Whoever sits at the provider's address must also know the realm that the owner wrote."""
    realm = ["evil.test"]
    provider.answer_other = lambda request: 200 if request.header("authorization") else 401
    provider.fields = lambda request, status: (
        [("WWW-Authenticate", f'Digest realm="{realm[0]}", nonce="n", qop="auth"')]
        if status == 401
        else ()
    )
    document = office(trunks=[registering(provider, realm=REALM)])
    box = make_box(document)
    wait_for_state(box, "p", "down", "credentials_refused")
    assert not [r for r in provider.requests if r.header("authorization")]
    realm[0] = REALM
    document["trunks"][0]["registration_expires_s"] = 700  # a changed trunk begins anew
    box.apply(document)
    wait_for_state(box, "p", "up")
    proofs = [r.header("authorization") for r in provider.requests if r.header("authorization")]
    assert len(proofs) == 1 and f'realm="{REALM}"' in proofs[0]


# ---- qualify


def test_qualify_finds_a_trunk_down_and_up_again(make_box: MakeBox, provider: Responder) -> None:
    way = trunk("p", provider.host, provider.port, authentication="address", qualify_s=1)
    box = make_box(office(trunks=[way]))
    wait_for_state(box, "p", "up")
    assert state_of(box, "p")["round_trip_ms"] > 0
    provider.options_status = 503
    wait_for_state(box, "p", "down", "overloaded", timeout_s=20)
    provider.options_status = 404  # any other answer proves life
    wait_for_state(box, "p", "up", timeout_s=10)
    provider.options_status = SILENT
    wait_for_state(box, "p", "down", "no_answer", timeout_s=40)  # several in a row, of 4 s each


def test_dead_names_and_dead_ports(make_box: MakeBox) -> None:
    ways = [
        trunk("dns", "no-such-provider.invalid", 5060, username="u", secret="Secret-of-u-1"),
        trunk("icmp", "127.0.0.2", free_port("127.0.0.2")),
        trunk("tcp", "127.0.0.2", free_port("127.0.0.2"), transport="tcp"),
    ]
    box = make_box(office(trunks=ways))
    wait_for_state(box, "dns", "down", "dns", timeout_s=15)
    wait_for_state(box, "icmp", "down", "unreachable")
    wait_for_state(box, "tcp", "down", "unreachable")


def test_the_registration_is_taken_back_at_the_end(make_box: MakeBox, provider: Responder) -> None:
    box = make_box(office(extensions=[extension(2001)], trunks=[registering(provider)]))
    wait_for_state(box, "p", "up")
    assert box.stop() == 0
    wait_until(
        lambda: provider.asked("REGISTER")[-1].header("expires") == "0", 2, "it is taken back"
    )


# ---- settings that are not saved


@pytest.mark.parametrize(("is_right", "why"), [(True, ""), (False, "credentials_refused")])
def test_a_trunk_is_tried_before_it_is_saved(
    make_box: MakeBox, tmp_path: Path, is_right: bool, why: str
) -> None:
    options = ProviderOptions(secret=secret_of("kam"), realm=REALM, host="127.0.0.2")
    with Provider(tmp_path, options) as kamailio:
        box = make_box(office())
        way = trunk("kam", kamailio.host, kamailio.port, number_form="e164")
        way["secret"] = secret_of("kam" if is_right else "wrong")
        found = box.control("try_trunk", trunk=way)
        assert (found["state"], found["why"]) == ("down" if why else "up", why), found
        assert [s["key"] for s in found["steps"] if s["ok"]][:2] == ["resolved", "answered"]
        assert box.control("trunks")["trunks"] == []
