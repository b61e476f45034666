"""The provider registers one account, challenges its calls, and passes calls both ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.kamailio import Behaviour, Provider, ProviderOptions
from tests.kit.ports import free_port
from tests.kit.sipp import Sipp, SippOptions

ACCOUNT, SECRET = "74955550000", "right-secret-77"


def customer(provider: Provider, secret: str = SECRET) -> BaresipOptions:
    registrar = f"{provider.host}:{provider.port}"
    return BaresipOptions(user=ACCOUNT, registrar=registrar, secret=secret, answers="auto")


def test_calls_out_and_in(tmp_path: Path) -> None:
    world = free_port()
    options = ProviderOptions(secret=SECRET, world=f"127.0.0.1:{world}")
    with (
        Provider(tmp_path, options) as provider,
        Sipp(tmp_path, "uas_answer", SippOptions(port=world)) as uas,
        Baresip(tmp_path, customer(provider)) as phone,
    ):
        phone.register()
        phone.dial("+74951234567")
        phone.wait_for_event("CALL_ESTABLISHED")
        phone.hang_up()
        uas.wait()
        assert "INVITE sip:+74951234567@" in uas.messages()
        remote = f"{provider.host}:{provider.port}"
        calling = SippOptions(remote=remote, values={"number": "74955550000"})
        with Sipp(tmp_path, "uac_plain_call", calling) as uac:
            uac.wait()


def test_a_wrong_secret_is_refused(tmp_path: Path) -> None:
    with (
        Provider(tmp_path, ProviderOptions(secret=SECRET)) as provider,
        Baresip(tmp_path, customer(provider, "wrong-secret-88")) as phone,
    ):
        phone.wait_for_event("REGISTER_FAIL")


@pytest.mark.parametrize("behaviour", [Behaviour.REFUSING, Behaviour.SILENT_TO_CALLS])
def test_it_changes_its_mind(tmp_path: Path, behaviour: Behaviour) -> None:
    with Provider(tmp_path, ProviderOptions(secret=SECRET)) as provider:
        provider.become(behaviour)
        with Baresip(tmp_path, customer(provider)) as phone:
            phone.register()
            phone.dial("+74951234567")
            provider.wait_for_request("saw INVITE")
            if behaviour is Behaviour.REFUSING:
                assert "503" in phone.wait_for_event("CALL_CLOSED")["param"]
            else:
                assert "CALL_CLOSED" not in [event["type"] for event in phone.events()]
