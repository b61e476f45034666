"""The line doctor of a running box on an emulated voice modem, with exchanges of four countries.

The modem and its exchange know nothing of our country profiles: their tones are written down anew.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from appliance.config.busy_tone import BusyTone, parse_busy_tone
from appliance.net import control_client
from tests.interop.lines.test_modem_lines import (
    CALLED,
    MakeBox,
    Phone,
    phone,
    wait_for_line,
    with_line,
)
from tests.kit.baresip import Baresip
from tests.kit.processes import wait_until
from tests.kit.v253_modem import Modem

__all__ = ["phone"]
#: As the exchange of the kit that is no country's plays it.
OFFICE_BUSY = BusyTone((450,), 420, 180)


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


def test_a_busy_tone_of_no_country_is_measured(make_box: MakeBox, tmp_path: Path) -> None:
    """On one line alone: it calls a number that is busy, as its own is."""
    with Modem(tmp_path / "dev", "cx93010", country="office", echo_db=20.0) as modem:
        modem.line.known_numbers.add(CALLED)
        modem.line.far_end.plan = "busy"
        found, better = examined(make_box, modem, call=CALLED)
    heard = parse_busy_tone(better["busy_tone"])
    print(f"450 Hz 420/180 measured as {heard}")
    assert heard is not None and heard.is_like(OFFICE_BUSY)
    assert found["busy_unknown"]["verdict"] == "warn"
    assert "busy" not in found and "call_silent" not in found


@pytest.mark.parametrize(
    ("exchange", "hz", "seen_s", "learned_s"),
    # Four periods of 0.6 s are seen, three of two sounds in 1.5 s; learned, two of those are 3 s.
    [("office", "450", 4.0, 3.5), ("turns", "400", 6.0, 4.0)],
)
def test_a_busy_tone_is_learned_from_two_hang_ups_and_ends_the_third_call(
    make_box: MakeBox,
    phone: Phone,
    tmp_path: Path,
    exchange: str,
    hz: str,
    seen_s: float,
    learned_s: float,
) -> None:
    """The first call is ended by the box itself, which nobody else would end; the box is started
    anew; the second by the telephone; the third by the tone as it was learned."""
    with Modem(tmp_path / "dev", "cx93010", country=exchange, echo_db=20.0) as modem:
        modem.line.known_numbers.add(CALLED)
        box = make_box(with_line(modem))
        wait_for_line(box, modem)
        caller = phone(box, "2001")

        freed_s = hung_up_after(modem, caller)
        print(f"an unknown tone freed the line after {freed_s:.1f} s")
        assert 7.0 < freed_s <= 10.0

        modem.machine.commands.clear()
        box.restart()
        wait_for_line(box, modem)
        talk(modem, caller)
        modem.line.far_end.hang_up()
        let_pass(modem, seen_s)
        caller.hang_up()
        modem.wait_for_hook(False)
        wait_until(lambda: "learned its busy tone" in box.log(), 10.0, "it is learned", box.log)

        freed_s = hung_up_after(modem, caller)
        print(f"learned, it freed the line after {freed_s:.1f} s")
        assert freed_s <= learned_s  # the tone, then the modem's own time
        said = control_client.call(
            box.data / "control.sock", "line_doctor", {"line": "city"}, timeout_s=60
        )
        learned = [row for row in said["findings"] if row["key"] == "busy_learned"]
        assert learned and learned[0]["params"]["hz"] == hz and "busy_tone" not in said["proposed"]


def talk(modem: Modem, caller: Baresip) -> None:
    """A call that the far end has answered; both hear each other's tone."""
    before = len(caller.events())
    caller.dial("9" + CALLED)
    modem.wait_until_called()
    let_pass(modem, 2.0)
    modem.line.far_end.answer()
    caller.wait_for_event("CALL_ESTABLISHED", 15.0, after=before)
    let_pass(modem, 1.0)


def hung_up_after(modem: Modem, caller: Baresip) -> float:
    """How long after the far end hung up the line is on its hook, s."""
    talk(modem, caller)
    modem.line.far_end.hang_up()
    began = time.monotonic()
    modem.wait_for_hook(False, 15.0)
    took_s = time.monotonic() - began
    let_pass(modem, 3.0)  # its guard
    return took_s


def let_pass(modem: Modem, seconds: float) -> None:
    """So much of the line's own time."""
    until_s = modem.line.now_s + seconds
    wait_until(lambda: modem.line.now_s >= until_s, 2 * seconds + 5, f"{seconds} s of the line")
