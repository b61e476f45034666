"""Who may take a place in a live call by INVITE with Replaces."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from appliance.call.leg import Cause, Replaced
from appliance.config.model import Snapshot
from appliance.routing.claim import UNCLAIMED_CLASS
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest, Decision, LiveState, PickUp, Verdict

from .office import P9, keys

NOON = datetime.fromisoformat("2026-03-02T12:00:00+03:00")


def ask(place: Replaced, by: str, snapshot: Snapshot = P9) -> Decision:
    request = CallRequest(dialled=place.extension, extension=by, replaces=place)
    return decide(request, snapshot, LiveState(), NOON)


def with_codes(**codes: str) -> Snapshot:
    document = P9.document
    changed = replace(document, dialling=replace(document.dialling, **codes))
    return Snapshot(P9.revision, changed, P9.numbering)


def test_what_rings_is_taken_by_whom_the_codes_would_let() -> None:
    place = Replaced("c-1", "2004")
    decision = ask(place, "2005")
    assert decision.steps == (PickUp("c-1"),) and decision.number == "2004"
    assert keys(decision)[-1] == "pickup.takes"


def test_without_the_code_of_directed_pickup_only_the_group_and_oneself() -> None:
    closed = with_codes(directed_pickup_code="")
    assert ask(Replaced("c-1", "2004"), "2005", closed).cause is Cause.FORBIDDEN
    assert keys(ask(Replaced("c-1", "2004"), "2005", closed))[-1] == "replace.no_pickup"
    assert ask(Replaced("c-1", "2002"), "2001", closed).verdict is Verdict.ROUTE
    assert ask(Replaced("c-1", "2005"), "2005", closed).verdict is Verdict.ROUTE
    nobody = with_codes(directed_pickup_code="", pickup_code="")
    assert ask(Replaced("c-1", "2002"), "2001", nobody).cause is Cause.FORBIDDEN


@pytest.mark.parametrize("number", ["", "2999", "city"])
def test_what_rings_at_no_extension_is_nobodys(number: str) -> None:
    assert ask(Replaced("c-1", number), "2001").cause is Cause.FORBIDDEN


def test_a_talk_is_its_own_extensions_alone() -> None:
    assert ask(Replaced("c-1", "2002", 7), "2002").steps == (PickUp("c-1", 7),)
    refused = ask(Replaced("c-1", "2002", 7), "2001")
    assert (refused.verdict, refused.cause) == (Verdict.REFUSE, Cause.FORBIDDEN)
    assert refused.prompt == "" and keys(refused)[-1] == "replace.not_own"
    assert ask(Replaced("c-1", "", 7), "2001").cause is Cause.FORBIDDEN


def test_a_class_without_features_picks_nothing_up() -> None:
    assert ask(Replaced("c-1", "2002"), "2003").cause is Cause.FORBIDDEN


def test_whoever_is_no_extension_takes_nothing() -> None:
    for place in (Replaced("c-1", "2002"), Replaced("c-1", "2002", 7)):
        assert ask(place, "2999").cause is Cause.FORBIDDEN
        assert ask(place, "").cause is Cause.FORBIDDEN


def test_a_phone_without_a_number_takes_nothing_and_gets_no_menu() -> None:
    extensions = tuple(
        replace(e, class_of_service=UNCLAIMED_CLASS) if e.number == "2001" else e
        for e in P9.document.extensions
    )
    snapshot = Snapshot(P9.revision, replace(P9.document, extensions=extensions), P9.numbering)
    decision = ask(Replaced("c-1", "2002"), "2001", snapshot)
    assert decision.steps == () and decision.cause is Cause.FORBIDDEN
