"""Calls from trunks: own DIDs in any form, the default extension, and nothing outside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.call.leg import Cause
from appliance.config.model import Site
from appliance.routing.decision import LiveState, RingExtension, Verdict

from .office import DOCUMENT, P0, P9, STATE, changed, come_in, keys
from .test_decide import ROWS


@pytest.mark.parametrize(
    "dialled",
    [
        "+74951234567",
        "74951234567",
        "84951234567",
        "4951234567",
        "1234567",
        "+7 (495) 123-45-67",
        "%2B74951234567",
        "sip:+74951234567@provider;user=phone",
    ],
)
def test_a_did_in_any_form(dialled: str) -> None:
    decision = come_in(dialled)
    assert decision.steps == (RingExtension("2001", ("2001-desk", "2001-mobile"), 45),)
    assert (decision.number, decision.alerts) == ("2001", ())
    assert "did.known" in keys(decision)


@pytest.mark.parametrize("dialled", ["+380441234567", "380441234567", "810380441234567"])
def test_a_foreign_did(dialled: str) -> None:
    assert come_in(dialled, "eight").number == "2006"


@pytest.mark.parametrize("dialled", ["+74957654321", "84957654321", "7654321"])
def test_another_trunks_did_is_unknown(dialled: str) -> None:
    decision = come_in(dialled, "plus")
    assert (decision.number, decision.alerts) == ("2009", ("unknown_did",))
    assert come_in(dialled, "eight").number == "2002"


@pytest.mark.parametrize("dialled", ["", "trunk-account", "+74950000000", "2001", "112", "*43"])
def test_unknown_did_rings_the_default_extension(dialled: str) -> None:
    decision = come_in(dialled)
    assert decision.verdict is Verdict.ROUTE
    assert (decision.number, decision.alerts) == ("2009", ("unknown_did",))


def test_without_a_default_extension_it_is_refused() -> None:
    office = changed(P9, site=Site())
    decision = come_in("+74950000000", snapshot=office)
    assert (decision.cause, decision.prompt) == (Cause.NOT_FOUND, "no_such_number")
    assert decision.alerts == ("unknown_did",)
    assert keys(decision)[-1] == "did.no_default"


def test_the_called_extension_says_why_it_cannot_ring() -> None:
    assert come_in("+74951234568").cause is Cause.UNREACHABLE
    assert come_in("+74951234567", state=LiveState()).prompt == "unavailable"
    busy = replace(STATE, extension_calls={"2001": 4})
    assert come_in("+74951234567", state=busy).cause is Cause.BUSY
    gone = changed(P9, extensions=DOCUMENT.extensions[1:])
    assert come_in("+74951234567", snapshot=gone).cause is Cause.NOT_FOUND


def test_a_did_that_is_switched_off() -> None:
    decision = come_in("+74957654322", "eight")
    assert (decision.verdict, decision.cause) == (Verdict.REFUSE, Cause.NOT_FOUND)


@pytest.mark.parametrize(
    ("trunk", "reason"), [("off", "trunk.disabled"), ("sold", "trunk.unknown")]
)
def test_trunks_that_may_not_bring_calls(trunk: str, reason: str) -> None:
    decision = come_in("+74951234567", trunk)
    assert (decision.verdict, decision.cause) == (Verdict.REFUSE, Cause.FORBIDDEN)
    assert keys(decision) == [reason]


@pytest.mark.parametrize("snapshot", [P9, P0])
def test_a_trunks_caller_never_gets_out(snapshot: object) -> None:
    """Every dial string of the long table, and as many made of codes and prefixes."""
    strings = {dialled for _, dialled in ROWS}
    strings |= {f"{code}{tail}" for code in ("9", "0", "*8", "98", "+", "810") for tail in strings}
    assert len(strings) >= 200
    for dialled in strings:
        for trunk in ("plus", "eight"):
            decision = come_in(dialled, trunk, snapshot)  # type: ignore[arg-type]
            assert all(isinstance(step, RingExtension) for step in decision.steps), dialled
            assert not decision.is_emergency
