"""The line doctor of a running box on an emulated voice modem, with exchanges of four countries.

The modem and its exchange know nothing of our country profiles: their tones are written down anew.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from appliance.net import control_client
from tests.interop.test_modem_lines import CALLED, MakeBox, wait_for_line, with_line
from tests.kit.v253_modem import Modem


def examined(make_box: MakeBox, modem: Modem, **args: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The findings by key, and what is proposed; the line is on its hook again."""
    box = make_box(with_line(modem, cancels_echo=True))
    wait_for_line(box, modem)
    said = control_client.call(
        box.data / "control.sock", "line_doctor", {"line": "city", **args}, timeout_s=60
    )
    modem.wait_for_hook(False)
    assert modem.machine.violations == []
    return {row["key"]: row for row in said["findings"]}, said["proposed"]


@pytest.mark.parametrize(
    ("exchange", "busy_ms", "fits", "proposed"),
    [
        ("ru", 350, "BY, KZ, RU", {}),
        ("de", 480, "DE", {"country": "DE"}),
        ("uk", 375, "GB", {"country": "GB"}),
        ("us", 500, "US", {"country": "US"}),
    ],
)
def test_the_country_of_an_exchange_is_found_by_a_busy_number(
    make_box: MakeBox, tmp_path: Path, exchange: str, busy_ms: int, fits: str, proposed: Any
) -> None:
    """The box believes that it is in Russia."""
    with Modem(tmp_path / "dev", "cx93010", country=exchange, echo_db=20.0) as modem:
        modem.line.known_numbers.add(CALLED)
        modem.line.far_end.plan = "busy"
        found, better = examined(make_box, modem, call=CALLED)
        assert modem.line.dialled == CALLED
    assert found["dial_tone"]["verdict"] == "ok"
    key = "country_fits" if exchange == "ru" else "country_differs"
    assert found[key]["params"] == {"country": "RU", "fits": fits}
    assert abs(int(found["busy"]["params"]["on_ms"]) - busy_ms) <= 25
    assert better == proposed


def test_a_dead_line_is_told(make_box: MakeBox, tmp_path: Path) -> None:
    with Modem(tmp_path / "dev", "cx93010") as modem:
        modem.line.has_dial_tone = False
        found, better = examined(make_box, modem, call=CALLED)
        assert modem.line.dialled == ""
    assert found["no_dial_tone"]["verdict"] == "bad" and better == {}
