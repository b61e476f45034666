"""City lines by a voice modem, end to end: a real box, real telephones, an emulated exchange.

The modem is on a pty and speaks V.253 with its delays, echo and clock; behind it is an exchange
with national tones. What each side hears is measured, and the journal tells what was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from appliance.net import control_client
from tests.interop.phones.test_phones import phone
from tests.kit.baresip import Baresip
from tests.kit.box import Box
from tests.kit.office import OUTSIDE, Document, office
from tests.kit.processes import wait_until
from tests.kit.v253_audio import RATE_HZ, Sound, level_at, level_dbm0
from tests.kit.v253_line import FarState
from tests.kit.v253_modem import Modem

__all__ = ["phone"]
Phone = Callable[..., Baresip]
MakeBox = Callable[..., Box]
FAR_HZ = 1300.0
_PART = RATE_HZ // 10  # so short that a clock of 500 ppm does not hide a tone
CALLER = "84951234567"
CALLED = "89031234567"


@pytest.fixture
def modem(tmp_path: Path) -> Iterator[Modem]:
    with Modem(tmp_path / "dev", "cx93010", reply_ms=(5, 100), echo_db=20.0) as made:
        made.line.known_numbers.add(CALLED)
        yield made


def with_line(modem: Modem, **fields: Any) -> Document:
    """An office whose outside calls leave by this modem's line; its own number rings 2002."""
    line = {
        "name": "city",
        "kind": "fxo",
        "device": modem.url,
        "extension": "2002",
        "number": "+74955550011",
        # Both parties say tones without end, from which no canceller can learn: a good hybrid, and
        # none. Voices and their echo are the media core's own tests.
        "cancels_echo": False,
        **fields,
    }
    rule = {"name": "outside", "kinds": OUTSIDE, "ways": ["city"]}
    return {**office(rules=[rule]), "lines": [line]}


def wait_for_line(box: Box, modem: Modem) -> None:
    """Until the modem is known and idle: its ladder ends in class 0 after the questions, and the
    box has read the last answer."""

    def is_set_up() -> bool:
        said = list(modem.machine.commands)
        return "AT+VTR=?" in said and said[-1] == "AT+FCLASS=0" and modem.machine.is_ready

    def is_open() -> bool:
        rows = box.control("lines")["lines"]
        return any(row["state"] == "idle" and not row["why"] for row in rows)

    wait_until(is_set_up, 15.0, "the modem is set up", lambda: f"{modem.tell()}\n{box.log()}")
    wait_until(is_open, 5.0, "the line is open", box.log)


def hears_tone(samples: list[int], hz: float) -> bool:
    """Most of what was heard is this tone."""
    return bool(samples) and level_at(samples, hz) > level_dbm0(samples) - 3.0


def wait_to_hear(listener: Baresip, hz: float, own_hz: float, least_dbm0: float = -25.0) -> None:
    """Until its last second is this tone, with its own voice's echo well below."""

    def is_heard() -> bool:
        samples = listener.heard().samples[-RATE_HZ:].tolist()
        parts = [samples[at : at + _PART] for at in range(0, len(samples), _PART)]
        levels = [(level_at(part, hz), level_at(part, own_hz)) for part in parts]
        is_long = len(samples) == RATE_HZ
        return is_long and all(tone > max(least_dbm0, own + 6.0) for tone, own in levels)

    wait_until(is_heard, 15.0, f"{listener.options.user} hears {hz} Hz", listener.tell)


def _bursts(listener: Baresip, hz: float) -> int:
    """How often this tone has ended in what was heard."""
    samples = listener.heard().samples.tolist()
    parts = (samples[at : at + _PART] for at in range(0, len(samples), _PART))
    is_on = [level_at(part, hz) > -20.0 for part in parts]
    return sum(before and not after for before, after in pairwise(is_on))


def test_out_by_the_city_line(make_box: MakeBox, phone: Phone, modem: Modem) -> None:
    box = make_box(with_line(modem))
    wait_for_line(box, modem)
    caller = phone(box, "2001")
    caller.dial("9" + CALLED)
    modem.wait_until_called()
    assert modem.line.dialled == CALLED
    wait_until(  # a burst of the exchange's ringing tone to its end
        lambda: _bursts(caller, 425.0) >= 1, 10.0, "2001 hears the exchange ring", caller.tell
    )
    modem.line.far_end.answer()
    modem.line.far_end.speaks(Sound((FAR_HZ,), (), -12.0), repeats=True)
    caller.wait_for_event("CALL_ESTABLISHED", 15.0)
    wait_to_hear(caller, FAR_HZ, 500.0)
    wait_until(
        lambda: hears_tone(modem.line.far_end.hears(1.0), 500.0), 10.0, "the far end hears 2001"
    )
    modem.line.far_end.hang_up()
    modem.wait_for_hook(False, 10.0)
    caller.wait_for_event("CALL_CLOSED", 5.0)
    (row,) = box.wait_for_journal(1)
    assert row["cause"] == "normal", row
    assert modem.machine.violations == []


def test_in_from_the_city_with_caller_id(make_box: MakeBox, phone: Phone, modem: Modem) -> None:
    box = make_box(with_line(modem))
    wait_for_line(box, modem)
    called = phone(box, "2002", answers="manual")
    modem.ring(CALLER, "IVANOV")
    event = called.wait_for_event("CALL_INCOMING", 15.0)
    assert "4951234567" in event["peeruri"]
    assert not modem.line.is_off_hook, "nobody has answered yet"
    called.answer()
    modem.wait_for_state(FarState.TALKING)
    modem.line.far_end.speaks(Sound((FAR_HZ,), (), -12.0), repeats=True)
    wait_to_hear(called, FAR_HZ, 900.0)
    wait_until(
        lambda: hears_tone(modem.line.far_end.hears(1.0), 900.0), 10.0, "the caller hears 2002"
    )
    called.hang_up()
    modem.wait_for_hook(False)
    (row,) = box.wait_for_journal(1)
    assert row["cause"] == "normal" and row["answered_by"] == "2002"
    assert "4951234567" in str(row["caller"])


def test_a_modem_that_gives_no_sound_any_more_ends_the_call_and_frees_the_line(
    make_box: MakeBox, phone: Phone, modem: Modem
) -> None:
    """Its codes still come. The line is free within 10 s and takes the next call."""
    box = make_box(with_line(modem))
    wait_for_line(box, modem)
    called = phone(box, "2002", answers="manual")
    modem.ring(CALLER)
    called.wait_for_event("CALL_INCOMING", 15.0)
    called.answer()
    modem.wait_for_state(FarState.TALKING)
    called.wait_for_event("CALL_ESTABLISHED", 10.0)
    modem.machine.is_mute = True
    called.wait_for_event("CALL_CLOSED", 10.0)
    modem.wait_for_hook(False, 5.0)
    (row,) = box.wait_for_journal(1)
    assert row["cause"] == "media_lost", row
    modem.machine.is_mute = False
    wait_until(lambda: not box.control("lines")["lines"][0]["why"], 10.0, "it is free", box.log)


def test_plugged_in_again_then_the_power_is_cut(
    make_box: MakeBox, phone: Phone, modem: Modem
) -> None:
    """The line works after its modem was away; a kill -9 in a call leaves it on its hook."""
    box = make_box(with_line(modem))
    wait_for_line(box, modem)
    modem.vanish()
    wait_until(lambda: "line.lost" in box.log(), 5.0, "the box misses its line", box.log)
    modem.machine.commands.clear()
    modem.plug_in()
    wait_until(
        lambda: "AT-SCID" in str(modem.machine.commands) or "-STE=7" in str(modem.machine.commands),
        5.0,
        "the modem is set up again",
        modem.tell,
    )
    caller = phone(box, "2001")
    caller.dial("9" + CALLED)
    modem.wait_until_called()
    box.kill()
    modem.wait_for_hook(False, 5.0)
    assert modem.machine.stream is None


def test_an_old_exchange_that_wants_pulses(make_box: MakeBox, phone: Phone, modem: Modem) -> None:
    """The modem dials by itself, between two streams; the call goes on as any other."""
    modem.line.wants_pulse = True
    modem.line.known_numbers.add("112")
    box = make_box(with_line(modem, dial_mode="pulse"))
    wait_for_line(box, modem)
    caller = phone(box, "2001")
    caller.dial("112")
    modem.wait_until_called()
    assert modem.line.dialled == "112" and modem.line.times_lifted == 1
    wait_until(lambda: _bursts(caller, 425.0) >= 1, 15.0, "the exchange is heard", caller.tell)
    assert [stream.way.value for stream in modem.machine.past_streams] == ["duplex", "duplex"]
    caller.hang_up()
    modem.wait_for_hook(False)


def test_a_modem_without_duplex_answers_with_words_and_is_never_talked_over(
    make_box: MakeBox, phone: Phone, tmp_path: Path
) -> None:
    """The caller hears the prompt, the journal who he was; calls out are refused."""
    with Modem(tmp_path / "dev", "multitech", reply_ms=(5, 100)) as modem:
        box = make_box(with_line(modem, announces="call_later"))
        wait_until(lambda: modem.machine.is_ready, 15.0, "the modem answers", modem.tell)
        wait_until(lambda: "idle" in states(box), 15.0, "the line is there", box.log)
        called = phone(box, "2002")
        tried = modem.line.times_lifted  # whether +VTR streams
        called.dial("9" + CALLED)
        called.wait_for_event("CALL_CLOSED", 30.0)
        assert modem.line.times_lifted == tried

        modem.ring(CALLER, "IVANOV")
        modem.wait_for_state(FarState.TALKING, 15.0)
        modem.wait_for_hook(False, 40.0)
        heard = modem.line.far_end.hears()
        spoken_s = (
            sum(level_dbm0(heard[at : at + 800]) > -45 for at in range(0, len(heard), 800)) / 10
        )
        print(f"the caller heard {spoken_s:.1f} s of speech in {len(heard) / RATE_HZ:.1f} s")
        assert spoken_s > 3.0
        assert [stream.way.value for stream in modem.machine.past_streams] == ["to_line", "to_line"]
        assert modem.machine.violations == []
        row = next(row for row in box.wait_for_journal(2) if row["direction"] == "inbound")
        assert row["cause"] == "normal" and "4951234567" in str(row["caller"])
        assert not [e for e in called.events() if e["type"] == "CALL_INCOMING"]


def states(box: Box) -> list[str]:
    said = control_client.call(box.data / "control.sock", "lines", {}, timeout_s=10)
    return [row["state"] for row in said["lines"]]
