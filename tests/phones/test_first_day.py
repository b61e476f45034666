"""A desk phone's first day, with the real box and its real server: from the carton to a number."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from appliance.routing.claim import KEY_CODE
from tests.kit.box import Box
from tests.kit.office import office, secret_of
from tests.kit.ports import PortRange
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.responder import Responder
from tests.kit.yealink import YealinkPhone

MAC = "805ec0a1b2c3"


def settings(**phone: Any) -> dict[str, Any]:
    return {**office(), "phones": [{"mac": MAC, "extensions": ["2001"], **phone}]}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """One box for all: each test has phones of its own, and the last is shut out."""
    tmp_path = tmp_path_factory.mktemp("phones")
    ports = PortRange()
    with Box(tmp_path / "box", settings()) as made:
        made.phones_port = ports.one()  # type: ignore[attr-defined]
        trust = ("--trust-loopback-phones", "--phones-port", str(made.phones_port))  # type: ignore[attr-defined]
        made.start("--with-phones", *trust)
        wait_until(lambda: made.control("phones")["ports"], 15, "the server of phones lives")
        yield made
    ports.close()


def base(box: Box) -> str:
    return f"http://127.0.0.1:{box.phones_port}/"  # type: ignore[attr-defined]


def row(box: Box, mac: str = MAC) -> dict[str, Any]:
    return next(r for r in box.control("phones")["phones"] if r["mac"] == mac)


def curl(url: str, *arguments: str) -> str:
    agent = YealinkPhone("", MAC).agent
    argv = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-A", agent, *arguments, url]
    return subprocess.run(argv, capture_output=True, text=True, timeout=15, check=True).stdout


def test_from_the_window_to_the_own_secret(box: Box) -> None:
    """Nothing without a window; all within; nothing after the registration but by its secret."""
    phone = YealinkPhone(base(box), MAC)
    assert row(box)["why"] == "never_seen"
    assert phone.fetch() == 200
    assert (phone.number, phone.password, phone.next_base) == ("2001", "", "")
    assert row(box)["why"] == "needs_window" and not row(box)["has_own_login"]

    assert box.control("phone_window", mac="80:5E:C0:A1:B2:C3")["left_s"] == 300
    assert phone.fetch() == 200
    assert phone.password == secret_of("2001")
    login = box.control("phone_login", mac=MAC)
    assert phone.settings["static.security.user_password"] == f"admin:{login['password']}"
    assert row(box)["window_left_s"] > 0 and row(box)["has_own_login"]

    with Responder().register((box.host, box.sip_port), phone.number, phone.password) as responder:
        responder.start()
        assert row(box)["state"] == "registered" and row(box)["window_left_s"] == 0
        assert YealinkPhone(base(box), MAC).fetch() == 401
        assert phone.fetch(base=phone.next_base) == 200
        url = f"{base(box)}{MAC}.cfg"
        user = phone.settings["static.auto_provision.server.username"]
        password = phone.settings["static.auto_provision.server.password"]
        assert curl(url, "--digest", "-u", f"{user}:{password}") == "200"
        assert curl(url, "--basic", "-u", f"{user}:{password}") == "200"
        assert curl(url, "--digest", "-u", f"{user}:guess") == "401"
        assert curl(f"{base(box)}p/{'0' * 32}/{MAC}.cfg") == "401"
    log = box.control("phone_requests", mac="80-5E-C0-A1-B2-C3")["requests"]
    assert [entry["verdict"] for entry in log][-2:] == ["full", "plain"]
    assert secret_of("2001") not in box.log() + repr(log)
    assert password not in box.log() + repr(log)


def test_a_phone_without_a_number_claims_one_by_its_code(box: Box) -> None:
    """It may dial a code and nothing else; the code gives it 2002, check-sync the passwords."""
    phone = YealinkPhone(base(box), "805ec0000001")
    assert phone.fetch() == 200
    assert phone.number.startswith("999") and phone.password and not phone.next_base
    assert "static.security.user_password" not in phone.settings
    assert row(box, phone.mac)["state"] == "unclaimed"
    code = box.control("claim_code", extension="2002")["code"]
    address = (box.host, box.sip_port)
    with Responder().register(address, phone.number, phone.password) as responder, RawEnd() as end:
        responder.start()
        assert not box.registrations(phone.number)

        def call(number: str) -> RawCall:
            body = audio("127.0.0.1", 40000)
            made = RawCall(end, address, phone.number, phone.password, number, body)
            made.invite()
            return made

        refused = call("*43")
        while refused.progress().status not in (183, 200):
            pass
        refused.cancel()
        assert refused.final().status == 487, "words, and no answer"
        claiming = call(code)
        assert claiming.final().status == 200
        claiming.acknowledge()
        box.program.wait_until(
            lambda: row(box, phone.mac)["extensions"] == ["2002"], 5, "the number is given"
        )
        assert not [r for r in responder.requests if r.method == "NOTIFY"], "not during the call"
        end.wait_for(lambda m: m.method == "BYE", 10, "the menu says good-bye")
        box.program.wait_until(
            lambda: [r for r in responder.requests if r.method == "NOTIFY"], 5, "check-sync"
        )
        (notify,) = [r for r in responder.requests if r.method == "NOTIFY"]
        assert notify.header("event") == "check-sync;reboot=false"
        assert phone.fetch() == 200
        assert (phone.number, phone.password) == ("2002", secret_of("2002"))
        assert phone.next_base
    assert box.control("claim_code", extension="2002")["code"] != code, "a code serves once"


def test_a_key_pressed_on_a_new_phone_gives_it_its_passwords(box: Box) -> None:
    """Given its number while it was in its carton: it comes up with a key, which asks for them; who
    has had them, or works already, has no such key."""
    new = "805ec0000006"
    phones = [{"mac": new, "extensions": ["2002"]}]
    waiting = {**office(), "phones": phones, "provisioning": {"opens_by_key": True}}
    box.apply({**office(), "phones": phones})
    phone = YealinkPhone(base(box), new)
    assert phone.fetch() == 200 and (phone.number, phone.password) == ("2002", "")
    box.apply(waiting)
    assert phone.fetch() == 200 and phone.number.startswith("999") and not phone.next_base
    assert row(box, new)["why"] == "waits_for_key"
    dialled = phone.settings["linekey.2.value"]
    assert dialled == KEY_CODE and phone.settings["linekey.2.type"] == "13"
    address = (box.host, box.sip_port)
    with Responder().register(address, phone.number, phone.password) as responder, RawEnd() as end:
        responder.start()
        body = audio("127.0.0.1", 40000)
        call = RawCall(end, address, phone.number, phone.password, dialled, body)
        call.invite()
        assert call.final().status == 200
        call.acknowledge()
        box.program.wait_until(lambda: row(box, new)["window_left_s"] > 0, 5, "its window opens")
        end.wait_for(lambda m: m.method == "BYE", 10, "the menu says good-bye")
        box.program.wait_until(
            lambda: [r for r in responder.requests if r.method == "NOTIFY"], 5, "check-sync"
        )
        assert phone.fetch() == 200
        assert (phone.number, phone.password) == ("2002", secret_of("2002"))
        assert phone.next_base
    box.control("phone_window", mac=new, is_open=False)
    assert YealinkPhone(base(box), new).fetch() == 401, "it was told; a key opens nothing more"
    other = "805ec0000007"
    box.apply({**waiting, "phones": [{"mac": other, "extensions": ["2003"]}]})
    with Responder().register(address, "2003", secret_of("2003")) as responder:
        responder.start()
        works = YealinkPhone(base(box), other)
        assert works.fetch() == 200 and works.number == "2003", (
            "set up by hand: it keeps its number"
        )


def test_a_change_reaches_the_phones_that_it_touches_and_no_others(box: Box) -> None:
    """A label is one phone's; check-sync asks for the password and is answered, once, in 5 s."""
    other = "805ec0000002"
    phones = [
        {"mac": MAC, "extensions": ["2001"]},
        {"mac": other, "extensions": ["2002"]},
    ]
    box.apply({**office(), "phones": phones})
    address = (box.host, box.sip_port)
    told: dict[str, Responder] = {}
    for mac in (MAC, other):
        box.control("phone_window", mac=mac)
        phone = YealinkPhone(base(box), mac)
        assert phone.fetch() == 200
        told[mac] = Responder().register(address, phone.number, phone.password)

        def answer(request: Any) -> int:
            return 200 if request.header("authorization") else 401

        told[mac].answer_other = answer
        told[mac].fields = lambda request, status: (
            [("WWW-Authenticate", 'Digest realm="dozvon", nonce="n1", qop="auth"')]
            if status == 401
            else []
        )
        told[mac].start()
    try:
        phones[0]["keys"] = [{"kind": "blf", "value": "2003", "label": "Касса & склад"}]
        box.apply({**office(), "phones": phones})
        wait_until(
            lambda: len([r for r in told[MAC].requests if r.method == "NOTIFY"]) >= 2,
            5,
            "check-sync, challenged and answered",
        )
        assert row(box)["is_waiting"] is False
        assert not [r for r in told[other].requests if r.method == "NOTIFY"]
        box.apply({**office(), "phones": phones})  # the same settings: nobody is told
        assert len([r for r in told[MAC].requests if r.method == "NOTIFY"]) == 2
    finally:
        for responder in told.values():
            responder.close()


def test_a_dead_phone_is_replaced_by_its_code(box: Box) -> None:
    """The new phone takes the label and the keys of the old one; the old one is out."""
    box.apply(settings(label="Reception", keys=[{"kind": "blf", "value": "2002"}]))
    new = "805ec0000003"
    phone = YealinkPhone(base(box), new)
    assert phone.fetch() == 200
    code = box.control("claim_code", extension="2001")["code"]
    with (
        Responder().register((box.host, box.sip_port), phone.number, phone.password) as responder,
        RawEnd() as end,
    ):
        responder.start()
        body = audio("127.0.0.1", 40000)
        call = RawCall(end, (box.host, box.sip_port), phone.number, phone.password, code, body)
        call.invite()
        assert call.final().status == 200
        call.acknowledge()
        box.program.wait_until(
            lambda: row(box, new)["extensions"] == ["2001"], 5, "the number is given"
        )
    assert row(box, new)["label"] == "Reception"
    assert [r["mac"] for r in box.control("phones")["phones"] if r["is_configured"]] == [new]


def test_who_asks_for_other_phones_is_stopped_and_told_of(box: Box) -> None:
    """A sweep over one maker's addresses: no secret, an alert, and silence after twenty."""
    box.apply(settings())
    box.control("phone_window", mac=MAC)
    statuses = [curl(f"{base(box)}unheard/of/{number}.bin", "-A", "scan") for number in range(25)]
    assert set(statuses[:15]) == {"404"}, "some misses of the tests before count as well"
    assert set(statuses[20:]) == {"429"}
    assert YealinkPhone(base(box), MAC).fetch() == 429
    (alert,) = [a for a in box.control("status")["alerts"] if a["key"] == "phones_enumerated"]
    assert alert["detail"] == "127.0.0.1"
