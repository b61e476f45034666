"""pyVoIP registers at kamailio, and calls baresip with tones heard at both ends."""

from __future__ import annotations

from pathlib import Path

from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.kamailio import Provider, ProviderOptions
from tests.kit.pyvoip_phone import PyVoipOptions, PyVoipPhone

ACCOUNT, SECRET = "74955550000", "right-secret-77"


def test_it_registers_and_is_called(tmp_path: Path) -> None:
    with Provider(tmp_path, ProviderOptions(secret=SECRET)) as provider:
        account = PyVoipOptions(
            user=ACCOUNT,
            secret=SECRET,
            server=provider.host,
            server_port=provider.port,
            tone_hz=400,
            hangs_up=False,
        )
        stranger = BaresipOptions(
            user="x", registrar=f"{provider.host}:{provider.port}", registers=False, tone_hz=1000
        )
        with (
            PyVoipPhone(tmp_path, account) as phone,
            Baresip(tmp_path, stranger) as caller,
        ):
            phone.wait_for("registered")
            provider.wait_for_request("registered")
            caller.dial(ACCOUNT)
            caller.wait_for_event("CALL_ESTABLISHED")
            caller.wait_to_hear(400)
            phone.wait_for("heard")
            assert phone.heard().heard().is_tone(1000)
            caller.hang_up()
            phone.wait_for("over")
