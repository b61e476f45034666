"""Pickup and the echo test (003.3)."""

from __future__ import annotations

import pytest

from appliance.call.leg import Cause
from appliance.routing.decision import LiveState, PickUp, RingingCall, RunApp, Verdict

from .office import P0, P9, dial, key_in, keys

RINGING = LiveState(
    ringing=(
        RingingCall("young", "2002", since=50.0),
        RingingCall("old", "2002", since=20.0),
        RingingCall("store", "2006", since=5.0),
        RingingCall("lonely", "2004", since=1.0),
    )
)


@pytest.mark.parametrize("dialled", ["0", "0#", "0%23"])
def test_pickup_takes_the_oldest_call_of_the_group(dialled: str) -> None:
    assert dial(dialled, state=RINGING, by="2001").steps == (PickUp("old"),)
    assert dial(dialled, state=RINGING, by="2006").steps == (PickUp("store"),)


def test_extensions_without_a_group_form_none() -> None:
    decision = dial("0", state=RINGING, by="2005")
    assert (decision.verdict, decision.cause, decision.prompt) == (Verdict.REFUSE, Cause.BUSY, "")
    assert keys(decision)[-1] == "pickup.no_group"


def test_nothing_rings_gives_the_busy_tone() -> None:
    for dialled in ("0", "*82002"):
        decision = dial(dialled)
        assert (decision.cause, decision.prompt) == (Cause.BUSY, "")


def test_directed_pickup_needs_no_group() -> None:
    assert dial("*82004", state=RINGING, by="2005").steps == (PickUp("lonely"),)
    assert dial("*82002", state=RINGING, by="2005").steps == (PickUp("old"),)
    assert dial("*82999", state=RINGING).cause is Cause.NOT_FOUND


def test_echo_runs_its_app() -> None:
    assert dial("*43").steps == (RunApp("echo"),)


def test_features_come_with_internal_calls() -> None:
    assert dial("*43", by="2004").verdict is Verdict.ROUTE
    assert dial("*43", by="2003").cause is Cause.FORBIDDEN


def test_a_full_caller_may_still_pick_up() -> None:
    state = LiveState(ringing=RINGING.ringing, extension_calls={"2001": 99})
    assert dial("0", state=state).verdict is Verdict.ROUTE


@pytest.mark.parametrize("snapshot", [P9, P0])
def test_on_an_analog_phone_bare_zero_waits(snapshot: object) -> None:
    assert key_in("0", snapshot).verdict is Verdict.MORE_DIGITS  # type: ignore[arg-type]
    assert key_in("0#", snapshot).verdict is Verdict.REFUSE  # type: ignore[arg-type]
    assert keys(key_in("0", snapshot, is_complete=True))[-1] == "pickup.nothing"  # type: ignore[arg-type]
