"""Calls that an extension sends on, between phones nobody here wrote; the journal tells how."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kit.baresip import Baresip
from tests.kit.box import Box
from tests.kit.office import Document, extension, office, trunk
from tests.kit.sipp import Sipp, SippOptions

MakeBox = Callable[..., Box]
Phone = Callable[..., Baresip]
TONES = {"2001": 500.0, "2002": 900.0, "2003": 1300.0}
OUTSIDE = "+79031234567"


@pytest.fixture
def phone(phone: Phone) -> Phone:
    """phone(box, number, **options) -> a registered baresip that says its number's tone."""
    return lambda box, number, **options: phone(box, number, tone_hz=TONES[number], **options)


def forwarding(**fields: Any) -> Document:
    """2001, 2002 and 2003, of which 2002 forwards so."""
    return office([2001, extension(2002, **fields), 2003])


def the_row(box: Box) -> dict[str, Any]:
    (row,) = box.wait_for_journal(1)
    box.wait_until_idle()
    return row


def told(row: dict[str, Any]) -> list[str]:
    """Why the call went so, without what is told of any call."""
    keys = (reason["key"] for reason in row["reasons"])
    return [key for key in keys if key.startswith(("forward.", "caller.on_behalf"))]


def parties(row: dict[str, Any]) -> list[tuple[str, str]]:
    return [(leg["party"], leg["cause"]) for leg in row["legs"] if leg["role"] == "terminating"]


def test_all_calls_ring_at_another_extension(make_box: MakeBox, phone: Phone) -> None:
    box = make_box(forwarding(forward_always="2003"))
    caller, owner = phone(box, "2001"), phone(box, "2002")
    target = phone(box, "2003", answers="auto")
    caller.dial("2002")
    caller.wait_to_hear(TONES["2003"])
    target.wait_to_hear(TONES["2001"])
    caller.hang_up()
    row = the_row(box)
    assert not [e for e in owner.events() if e["type"] == "CALL_INCOMING"]
    assert (row["dialled"], row["number"], row["answered_by"]) == ("2002", "2003", "2003")
    assert told(row) == ["forward.always", "caller.on_behalf"]
    assert parties(row) == [("extension 2003", "normal")]


def test_a_call_that_nobody_answers_goes_on_after_its_time(make_box: MakeBox, phone: Phone) -> None:
    box = make_box(forwarding(forward_no_answer="2003", forward_no_answer_s=5))
    caller, owner = phone(box, "2001"), phone(box, "2002")
    target = phone(box, "2003", answers="auto")
    caller.dial("2002")
    owner.wait_for_event("CALL_INCOMING")
    owner.wait_for_event("CALL_CLOSED", 8)  # its ring ends
    caller.wait_to_hear(TONES["2003"])
    target.wait_to_hear(TONES["2001"])
    assert [e["type"] for e in caller.events()].count("CALL_RINGING") == 1
    caller.hang_up()
    row = the_row(box)
    assert told(row) == ["forward.if_no_answer", "forward.no_answer", "caller.on_behalf"]
    assert parties(row) == [("extension 2002", "no_answer"), ("extension 2003", "normal")]
    rang, dialled = row["legs"][1]["rang_after_s"], row["legs"][2]["dialled_after_s"]
    assert dialled - rang == pytest.approx(5, abs=0.5)
    assert (row["answered_by"], row["cause"]) == ("2003", "normal")


def test_a_busy_phone_sends_the_call_on(make_box: MakeBox, phone: Phone) -> None:
    box = make_box(forwarding(forward_busy="2003"))
    caller, owner = phone(box, "2001"), phone(box, "2002")
    phone(box, "2003", answers="auto")
    caller.dial("2002")
    owner.wait_for_event("CALL_INCOMING")
    owner.hang_up()  # baresip says 486
    caller.wait_to_hear(TONES["2003"])
    caller.hang_up()
    row = the_row(box)
    assert told(row) == ["forward.if_busy", "forward.busy", "caller.on_behalf"]
    assert parties(row) == [("extension 2002", "busy"), ("extension 2003", "normal")]


def test_a_provider_hears_in_whose_name_a_call_comes_and_who_sent_it_on(
    make_box: MakeBox, phone: Phone, tmp_path: Path
) -> None:
    with Sipp(tmp_path, "uas_answer", SippOptions(host="127.0.0.2")) as provider:
        way = trunk("way", "127.0.0.2", provider.port, authentication="address", qualify_s=0)
        owner = extension(2002, forward_offline=OUTSIDE, caller_id="+74951112233")
        box = make_box(office([2001, owner, 2003], [way]))
        caller = phone(box, "2001")
        caller.dial("2002")
        caller.wait_for_event("CALL_ESTABLISHED")
        caller.hang_up()
        row = the_row(box)
        assert (row["trunk"], row["number"], row["sent"]) == ("way", OUTSIDE, OUTSIDE)
        assert told(row) == ["forward.offline", "caller.on_behalf"]
        trace = provider.messages()
        assert f"INVITE sip:{OUTSIDE}@" in trace
        assert "Diversion: <sip:+74951112233@" in trace and "reason=unavailable" in trace
        rows = box.control("spending")["spending"]
        spent = {row["extension"]: row["calls_last_hour"] for row in rows}
        assert spent == {"2001": 0, "2002": 1, "2003": 0}


def test_a_code_sets_it_from_the_phone_and_it_outlives_a_restart(
    make_box: MakeBox, phone: Phone
) -> None:
    box = make_box(forwarding())
    caller, owner = phone(box, "2001"), phone(box, "2002")
    target = phone(box, "2003", answers="auto")
    owner.dial("*722003")
    owner.wait_for_event("CALL_CLOSED", 20)  # it said what it did
    box.kill()
    box.restart(has_file=False)
    caller.dial("2002")
    caller.wait_to_hear(TONES["2003"])
    caller.hang_up()
    target.wait_for_event("CALL_CLOSED")
    count = len(owner.events())
    owner.dial("*73")
    owner.wait_for_event("CALL_CLOSED", 20, after=count)
    caller.dial("2002")
    owner.wait_for_event("CALL_INCOMING", after=count)
    caller.hang_up()
