"""``dozvon demo`` whole: box and provider as processes, and a telephone that nobody here wrote."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.demo.child import ProviderOptions, ProviderProcess
from appliance.errors import UserError
from appliance.net.control_client import call
from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.box import Box
from tests.kit.demo import Demo
from tests.kit.office import office, trunk
from tests.kit.ports import PortRange
from tests.kit.processes import wait_until

_WORDS_S = 14.0  # the Russian voice before the echo takes 7.5 s
_TONE_HZ = 440.0


@pytest.fixture
def demo(tmp_path: Path, ports: PortRange) -> Iterator[Demo]:
    running = Demo(tmp_path / "d", ports)
    running.folder.mkdir()
    running.start()
    yield running
    running.program.kill()


@pytest.fixture
def phone(demo: Demo, tmp_path: Path) -> Iterator[Baresip]:
    """A softphone with what the table says of 2001."""
    sheet = demo.ask("demo", "show")
    row = sheet["phones"][0]
    options = BaresipOptions(
        user=row["user"],
        secret=row["password"],
        registrar=f"{sheet['server']}:{sheet['sip_port']}",
        tone_hz=_TONE_HZ,
    )
    with Baresip(tmp_path, options) as softphone:
        softphone.register()
        yield softphone


def _hears_a_voice(phone: Baresip) -> None:
    """Wait for a second of sound that is not its own tone."""

    def is_voice() -> bool:
        sound = phone.heard()
        return sound.heard().duration_ms > 1000 and sound.share_of(_TONE_HZ) < 0.5

    wait_until(is_voice, 8.0, "a voice", phone.tell)


def _hears_itself(phone: Baresip) -> None:
    """Wait until what it heard last is its own tone, pure."""

    def is_own_tone() -> bool:
        sound = phone.heard()
        last = sound.part(max(0.0, sound.seconds - 1))
        return last.seconds > 0.9 and last.share_of(_TONE_HZ) > 0.9

    wait_until(is_own_tone, _WORDS_S, "the phone hears itself", phone.tell)


def test_the_box_echoes(demo: Demo, phone: Baresip) -> None:
    phone.dial("*43")
    phone.wait_for_event("CALL_ESTABLISHED")
    _hears_a_voice(phone)
    _hears_itself(phone)
    phone.hang_up()
    assert demo.journal(1)[0]["answered_by"] == "app echo"


def test_the_provider_answers_a_city_number(demo: Demo, phone: Baresip) -> None:
    phone.dial("95551234")
    phone.wait_for_event("CALL_ESTABLISHED")
    _hears_a_voice(phone)
    phone.hang_up()
    row = demo.journal(1)[0]
    assert (row["number"], row["trunk"]) == ("+74955551234", "provider")
    assert row["answered_by"] == "trunk provider"


def test_the_provider_calls_the_office(demo: Demo, phone: Baresip) -> None:
    answer = demo.ask("demo", "call")
    assert answer["number"] == "+74950002001"
    phone.wait_for_event("CALL_INCOMING")
    phone.answer()
    phone.wait_for_event("CALL_ESTABLISHED")
    _hears_a_voice(phone)
    phone.hang_up()
    row = demo.journal(1)[0]
    assert (row["direction"], row["caller"]) == ("inbound", answer["caller"])


def test_a_busy_number_is_announced(demo: Demo, phone: Baresip) -> None:
    phone.dial("95550100")

    def is_announcing() -> bool:
        calls = demo.ask("calls", folder=demo.folder / "demo")["calls"]
        return [c["state"] for c in calls] == ["announcing"]

    wait_until(is_announcing, 8.0, "an announcement", demo.program.tail)
    _hears_a_voice(phone)


def test_the_provider_ends_with_a_killed_box(demo: Demo) -> None:
    provider = demo.provider_pid()
    os.kill(demo.box_pid(), signal.SIGKILL)
    wait_until(lambda: not _is_alive(provider), 5.0, "the provider ends")


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_office_is_kept(demo: Demo) -> None:
    before = demo.ask("demo", "show")["phones"]
    assert demo.program.stop() == 0
    demo.start()
    assert demo.ask("demo", "show")["phones"] == before


def test_a_box_that_stops_signs_off(tmp_path: Path, make_box: Callable[..., Box]) -> None:
    secret = "x7kq2mzrw4tp9h"
    control = tmp_path / "provider.sock"
    options = ProviderOptions(
        port=0, username="74950002000", secret=secret, language="en", control=control
    )
    with ProviderProcess(options) as provider:
        way = trunk("provider", "127.0.0.1", provider.port, username="74950002000", secret=secret)
        box = make_box(office(trunks=[way]))
        box.program.wait_until(
            lambda: box.control("status")["trunks"][0]["state"] == "up", 10.0, "the trunk is up"
        )
        assert box.stop() == 0
        with pytest.raises(UserError, match="not_registered"):
            call(control, "call", {"number": "+74950002001"}, 5)


def test_simulated_wires_are_there_to_be_lifted_and_dialled(demo: Demo, phone: Baresip) -> None:
    folder = demo.folder / "demo"
    rows = demo.ask("lines", folder=folder)["lines"]
    assert [row["kind"] for row in rows] == ["fxs", "fxs", "fxo", "fxo"]
    assert all(row["is_simulated"] for row in rows)
    demo.ask("lines", "lift", "desk 2002", folder=folder)
    demo.ask("lines", "dial", "desk 2002", "97771234", folder=folder)

    def is_dialled() -> bool:
        rows = demo.ask("lines", "city 1", folder=folder)["lines"]
        return bool(rows[0]["detail"] == "84957771234")

    wait_until(is_dialled, 20.0, "the exchange has the number", demo.program.tail)
    demo.ask("lines", "hangup", "desk 2002", folder=folder)
    demo.ask("lines", "ring", "city 2", "84951234567", folder=folder)
    assert "+74951234567" in phone.wait_for_event("CALL_INCOMING")["peeruri"]
    demo.ask("lines", "hangup", "city 2", folder=folder)
    assert {row["trunk"] for row in demo.journal(2)} == {"city 1", "city 2"}
