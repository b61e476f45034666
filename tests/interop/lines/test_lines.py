"""Lines of a running box: simulated telephones and city lines, and baresip; what is heard is
measured at both ends, and the journal knows of each call."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.kit.baresip import Baresip, BaresipOptions
from tests.kit.box import Box
from tests.kit.office import Document, office, secret_of, trunk
from tests.kit.ports import free_port
from tests.kit.processes import wait_until

DEVICE = "sim:office?voices=steady"
PHONE_HZ = 1300.0  # what baresip says
DESK_HZ = 620.0  # what the first simulated telephone says
OUT = {"name": "out", "kinds": ["local", "national", "mobile"]}
MakeBox = Callable[..., Box]


def line(name: str, kind: str, port: int, extension: str, **more: Any) -> Document:
    fields = {"name": name, "kind": kind, "device": DEVICE, "port": port}
    return {**fields, "extension": extension, **more}


def with_lines(ways: tuple[str, ...] = ("city",), count: int = 2, **more: Any) -> Document:
    document = office(**more, rules=[{**OUT, "ways": list(ways)}])
    lines = [
        line("city", "fxo", 2, "2003", number="+74955550001"),
        line("city2", "fxo", 3, "2002"),
    ]
    phones = [line("desk", "fxs", 0, "2001"), line("hall", "fxs", 1, "2002")]
    document["lines"] = [*phones, *lines[:count]]
    return document


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[Callable[..., Baresip]]:
    """phone(box, **options): baresip, registered as 2003."""
    with ExitStack() as stack:

        def make(box: Box, **options: Any) -> Baresip:
            settings = BaresipOptions(
                user="2003",
                registrar=f"127.0.0.1:{box.sip_port}",
                secret=secret_of("2003"),
                tone_hz=PHONE_HZ,
                **options,
            )
            made = stack.enter_context(Baresip(tmp_path, settings))
            made.register()
            return made

        yield make


def shown(box: Box, name: str) -> dict[str, Any]:
    (row,) = box.control("lines", line=name)["lines"]
    return dict(row)


def wait_for_state(box: Box, name: str, state: str, timeout_s: float = 15.0) -> None:
    wait_until(lambda: shown(box, name)["state"] == state, timeout_s, f"{name} is {state}")


def wait_to_hear(
    box: Box, name: str, hz: float, timeout_s: float = 20.0, within_hz: float = 15
) -> None:
    """A simulated telephone hears this pitch for half a second."""

    def is_heard() -> bool:
        return abs(shown(box, name)["figures"]["heard_hz"] - hz) < within_hz

    wait_until(is_heard, timeout_s, f"{name} hears {hz} Hz")


def test_a_sip_phone_calls_out_by_a_city_line(make_box: MakeBox, phone: Any) -> None:
    document = with_lines()
    for row in document["lines"]:  # an exchange that says its end by busy tone alone
        row["device"] += "&cpc=no"
    box = make_box(document)
    caller = phone(box)
    caller.dial("989101234567")
    caller.wait_to_hear(425, seconds=0.5)  # the exchange's ringing tone
    caller.wait_to_hear(PHONE_HZ, 20)  # what the far party gives back: both ways
    assert shown(box, "city")["detail"] == "89101234567"
    caller.wait_for_event("CALL_ESTABLISHED", 20)
    box.control("line_hang_up", line="city")  # the far party
    caller.wait_for_event("CALL_CLOSED", 10)  # a stuck line is freed within 10 s
    wait_for_state(box, "city", "idle")
    (row,) = box.wait_for_journal(1)
    assert (row["trunk"], row["sent"], row["cause"]) == ("city", "89101234567", "normal")
    assert row["talk_s"] > 0


def test_a_caller_by_a_city_line_rings_with_his_number(make_box: MakeBox, phone: Any) -> None:
    box = make_box(with_lines())
    called = phone(box)
    box.control("line_ring", line="city", number="84951234567", name="Ivanov")
    event = called.wait_for_event("CALL_INCOMING")
    assert "+74951234567" in event["peeruri"] and event["peerdisplayname"] == "Ivanov"
    called.answer()
    called.wait_to_hear(PHONE_HZ, 15)
    called.hang_up()
    wait_for_state(box, "city", "idle")
    (row,) = box.wait_for_journal(1)
    assert (row["caller"], row["caller_name"]) == ("+74951234567", "Ivanov")
    assert (row["direction"], row["trunk"], row["answered_by"]) == ("inbound", "city", "2003")


def test_a_telephone_calls_a_sip_phone(make_box: MakeBox, phone: Any) -> None:
    box = make_box(with_lines())
    called = phone(box, answers="auto")
    box.control("line_lift", line="desk")
    wait_to_hear(box, "desk", 425)  # dial tone
    box.control("line_dial", line="desk", digits="2003")
    called.wait_to_hear(DESK_HZ)
    wait_to_hear(box, "desk", PHONE_HZ)
    box.control("line_hang_up", line="desk")
    called.wait_for_event("CALL_CLOSED")
    (row,) = box.wait_for_journal(1)
    assert (row["caller"], row["answered_by"], row["cause"]) == ("2001", "2003", "normal")


def test_a_sip_phone_calls_a_telephone(make_box: MakeBox, phone: Any) -> None:
    box = make_box(with_lines())
    caller = phone(box)
    caller.dial("2001")
    wait_for_state(box, "desk", "ringing")
    assert shown(box, "desk")["detail"] == "2003 Ext 2003"
    box.control("line_lift", line="desk")
    caller.wait_to_hear(DESK_HZ)
    wait_to_hear(box, "desk", PHONE_HZ)
    caller.hang_up()
    wait_to_hear(box, "desk", 210, within_hz=90)  # busy tone: half of the time is silence
    box.control("line_hang_up", line="desk")
    (row,) = box.wait_for_journal(1)
    assert (row["caller"], row["answered_by"]) == ("2003", "2001")


def test_a_telephone_calls_out_by_a_city_line(make_box: MakeBox) -> None:
    box = make_box(with_lines())
    box.control("line_lift", line="desk")
    wait_to_hear(box, "desk", 425)
    box.control("line_dial", line="desk", digits="989101234567")
    wait_to_hear(box, "desk", DESK_HZ, 30)  # its own voice, from the far end
    assert shown(box, "city")["detail"] == "89101234567"
    box.control("line_hang_up", line="desk")
    wait_for_state(box, "city", "idle")
    (row,) = box.wait_for_journal(1)
    assert (row["caller"], row["trunk"], row["direction"]) == ("2001", "city", "outbound")


def test_a_hot_line_calls_as_soon_as_it_is_lifted(make_box: MakeBox, phone: Any) -> None:
    document = with_lines()
    document["lines"][0]["hot_line"] = "2003"
    box = make_box(document)
    called = phone(box, answers="auto")
    box.control("line_lift", line="desk")
    wait_to_hear(box, "desk", PHONE_HZ)
    called.wait_for_event("CALL_ESTABLISHED")


def test_flash_holds_a_call_and_takes_it_back(make_box: MakeBox, phone: Any) -> None:
    box = make_box(with_lines())
    called = phone(box, answers="auto")
    box.control("line_lift", line="desk")
    wait_to_hear(box, "desk", 425)
    box.control("line_dial", line="desk", digits="2003")
    wait_to_hear(box, "desk", PHONE_HZ)
    box.control("line_flash", line="desk")
    wait_to_hear(box, "desk", 425)  # the special tone, when its stutter is over
    box.control("line_flash", line="desk")
    wait_to_hear(box, "desk", PHONE_HZ)
    called.wait_to_be_sent(DESK_HZ)
    box.control("line_hang_up", line="desk")
    called.wait_for_event("CALL_CLOSED")


def test_the_trunk_is_dead_and_the_number_goes_out_by_the_line(
    make_box: MakeBox, phone: Any
) -> None:
    dead = trunk("mango", "127.0.0.1", free_port(), authentication="address", no_answer_s=2)
    box = make_box(with_lines(("mango", "city"), trunks=[dead]))
    caller = phone(box)
    caller.dial("989101234567")
    caller.wait_to_hear(PHONE_HZ, 25)
    assert shown(box, "city")["detail"] == "89101234567"
    caller.wait_for_event("CALL_ESTABLISHED", 20)
    caller.hang_up()
    (row,) = box.wait_for_journal(1)
    assert row["trunk"] == "city"


def test_an_emergency_from_a_telephone_takes_the_only_line(make_box: MakeBox, phone: Any) -> None:
    box = make_box(with_lines(count=1))
    caller = phone(box)
    caller.dial("989101234567")
    caller.wait_for_event("CALL_ESTABLISHED", 30)
    box.control("line_lift", line="desk")
    wait_to_hear(box, "desk", 425)
    box.control("line_dial", line="desk", digits="112")
    caller.wait_for_event("CALL_CLOSED")
    wait_to_hear(box, "desk", DESK_HZ, 30)
    assert shown(box, "city")["detail"] == "112"
    box.control("line_hang_up", line="desk")
    rows = box.wait_for_journal(2)
    assert {row["cause"] for row in rows} == {"preempted", "normal"}


def test_after_a_kill_lines_are_free_and_the_cut_calls_are_in_the_journal(
    make_box: MakeBox,
) -> None:
    box = make_box(with_lines())
    box.control("line_lift", line="desk")
    wait_to_hear(box, "desk", 425)
    box.control("line_dial", line="desk", digits="989101234567")
    wait_to_hear(box, "desk", DESK_HZ, 30)
    box.control("line_ring", line="city2")
    wait_until(lambda: len(box.control("calls")["calls"]) == 2, 15, "the second call rings")
    box.kill()
    box.restart()
    for name in ("desk", "hall", "city", "city2"):
        wait_for_state(box, name, "idle")
        assert shown(box, name)["why"] == ""
    assert {row["cause"] for row in box.wait_for_journal(1)} == {"restart"}


def test_the_line_doctor_hears_dial_tone_and_busy_of_the_exchange(make_box: MakeBox) -> None:
    box = make_box(with_lines())
    wait_for_state(box, "city", "idle")
    said = json.loads(box.command("lines", "doctor", "city", "--call", "84951234500", "--json"))
    found = {row["key"]: row for row in said["findings"]}
    assert found["dial_tone"]["params"]["hz"] == "425"
    assert found["country_fits"]["params"]["fits"] == "BY, KZ, RU"
    assert abs(int(found["busy"]["params"]["on_ms"]) - 350) <= 25
    assert said["proposed"] == {}
    wait_for_state(box, "city", "idle")
    assert "dBm0" in box.command("lines", "doctor", "city2", "--language", "en")
