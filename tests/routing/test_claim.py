"""A phone without a number: a code, emergency numbers, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.config.model import DestinationKind
from appliance.config.presets.loader import make_snapshot
from appliance.routing.claim import KEY_CODE, UNCLAIMED_CLASS
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest, Decision, LiveState, RunApp, Verdict
from tests.routing.office import NOW, extension, office

GUEST = "99910597059"


def dial(number: str) -> Decision:
    document = office().document
    extensions = (*document.extensions, extension(GUEST, UNCLAIMED_CLASS))
    snapshot = make_snapshot(1, replace(document, extensions=extensions))
    return decide(CallRequest(dialled=number, extension=GUEST), snapshot, LiveState(), NOW)


def test_four_digits_are_a_code() -> None:
    assert dial("4711").steps == (RunApp("claim", f"{GUEST} 4711"),)
    assert dial("2001").steps == (RunApp("claim", f"{GUEST} 2001"),), "not the extension"


def test_the_key_of_a_new_phone_is_no_number_of_anybody_else() -> None:
    assert dial(KEY_CODE).steps == (RunApp("claim", f"{GUEST} {KEY_CODE}"),)
    request = CallRequest(dialled=KEY_CODE, extension="2001")
    assert decide(request, office(), LiveState(), NOW).verdict is Verdict.REFUSE


@pytest.mark.parametrize(
    "number", ["471", "47111", "*43", "*82001", "0", "989161234567", "", "****"]
)
def test_everything_else_is_refused(number: str) -> None:
    assert dial(number).verdict is Verdict.REFUSE
    assert dial(number).steps == ()


@pytest.mark.parametrize("number", ["112", "9112", "101", "01"])
def test_emergency_numbers_pass(number: str) -> None:
    assert dial(number).kind is DestinationKind.EMERGENCY
    assert dial(number).verdict is Verdict.ROUTE
