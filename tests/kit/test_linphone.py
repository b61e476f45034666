"""linphone registers at kamailio and talks with baresip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.kamailio import Provider, ProviderOptions
from tests.kit.linphone import Linphone, LinphoneOptions
from tests.kit.processes import KitError

ACCOUNT, SECRET = "74955550000", "right-secret-77"


def test_it_registers_and_a_wrong_secret_does_not(tmp_path: Path) -> None:
    with Provider(tmp_path, ProviderOptions(secret=SECRET)) as provider:
        server = f"{provider.host}:{provider.port}"
        with Linphone(tmp_path, LinphoneOptions()) as phone:
            phone.register(ACCOUNT, SECRET, server)
        with Linphone(tmp_path, LinphoneOptions()) as phone, pytest.raises(KitError):
            phone.register(ACCOUNT, "wrong-secret-88", server, timeout_s=2)


def test_it_talks_with_baresip(tmp_path: Path) -> None:
    other = BaresipOptions(
        user="b", registrar="127.0.0.1:9", registers=False, tone_hz=900, answers="auto"
    )
    with (
        Baresip(tmp_path, other) as baresip,
        Linphone(tmp_path, LinphoneOptions(tone_hz=440)) as phone,
    ):
        phone.dial(f"sip:b@127.0.0.1:{baresip.sip_port}")
        baresip.wait_to_hear(440)
        phone.hang_up()
        assert phone.heard().heard().is_tone(900)
