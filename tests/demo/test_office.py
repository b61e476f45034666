"""The ready office is sound, and what its screen promises is what routing decides."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from appliance.config.model import DestinationKind, Document
from appliance.config.presets import make_snapshot
from appliance.config.validate import check
from appliance.demo.manners import Manner, manner_of_number
from appliance.demo.office import TRUNK, demo_office, did_of, with_provider_at
from appliance.demo.sheet import EXAMPLES
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest, Decision, LiveState, UseTrunk, Verdict

MORNING = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def make(language: str = "en", seed: int = 1) -> Document:
    return demo_office(language, 5070, random.Random(seed).choice)


def dial(number: str, extension: str = "2001") -> Decision:
    request = CallRequest(dialled=number, extension=extension)
    state = LiveState(bindings={"2002": ("phone",), "2004": ("phone",)})
    return decide(request, make_snapshot(1, make()), state, MORNING)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_it_has_no_problem_and_no_warning(language: str) -> None:
    document = make(language)
    assert check(document, make_snapshot(1, document).numbering) == ()
    assert [e.number for e in document.extensions] == [str(n) for n in range(2001, 2011)]
    assert document.site.language == language


def test_secrets_are_strong_and_differ() -> None:
    document = make()
    secrets = [e.secret for e in document.extensions] + [document.trunks[0].secret]
    assert len(set(secrets)) == 11 and {len(s) for s in secrets} == {23}
    assert not set("".join(secrets)) & set("0o1il")
    assert secrets[0] != make(seed=2).extensions[0].secret


PROMISED = {
    "2002": (DestinationKind.INTERNAL, "2002", None),
    "2004": (DestinationKind.INTERNAL, "2004", None),
    "97771234": (DestinationKind.LOCAL, "+74957771234", Manner.ANSWERS),
    "*43": (DestinationKind.FEATURE, "*43", None),
    "95551234": (DestinationKind.LOCAL, "+74955551234", Manner.ANSWERS),
    "989035551234": (DestinationKind.MOBILE, "+79035551234", Manner.ANSWERS),
    "112": (DestinationKind.EMERGENCY, "112", Manner.ANSWERS),
    "95550100": (DestinationKind.LOCAL, "+74955550100", Manner.BUSY),
    "95550101": (DestinationKind.LOCAL, "+74955550101", Manner.SILENT),
    "95550102": (DestinationKind.LOCAL, "+74955550102", Manner.OVERLOADED),
    "95550103": (DestinationKind.LOCAL, "+74955550103", Manner.UNKNOWN),
}
BARRED = "98104930123456"


def test_every_number_of_the_screen_is_promised_something() -> None:
    assert {*PROMISED, BARRED} == set(EXAMPLES)


@pytest.mark.parametrize("number", PROMISED)
def test_what_the_screen_promises(number: str) -> None:
    kind, meaning, manner = PROMISED[number]
    decision = dial(number)
    assert (decision.verdict, decision.kind, decision.number) == (Verdict.ROUTE, kind, meaning)
    trunk = next((s for s in decision.steps if isinstance(s, UseTrunk)), None)
    assert (manner_of_number(trunk.number) if trunk else None) is manner


def test_abroad_is_barred_for_2001_and_open_for_2009() -> None:
    assert dial(BARRED).verdict is Verdict.REFUSE
    assert dial(BARRED).prompt == "international_barred"
    assert dial(BARRED, "2009").verdict is Verdict.ROUTE
    assert dial("95551234", "2010").verdict is Verdict.REFUSE


def test_numbers_outside_lead_to_their_extensions() -> None:
    document = make()
    for extension in document.extensions:
        did = document.did_by_number[did_of(extension.number)]
        assert (did.extension, did.trunk) == (extension.number, TRUNK)


def test_a_provider_that_moved() -> None:
    document = make()
    moved = with_provider_at(document, 6000)
    assert moved.trunks[0].port == 6000
    assert with_provider_at(moved, 5070) == document
    assert with_provider_at(replace(document, trunks=()), 6000).trunks == ()
