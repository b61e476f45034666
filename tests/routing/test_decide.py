"""One long table: what an extension dials and what it gets, in each dial profile."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from appliance.call.leg import Cause
from appliance.config.model import DestinationKind, Snapshot
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest, LiveState, RingExtension, Verdict

from .office import BARE, BINDINGS, NOW, P0, P9, SIX, STATE, US9, changed, dial, extension, keys

#: profile -> dialled -> outcome: "kind number" when it is routed, else the prompt ("tone" = none)
NOT_FOUND = "no_such_number"
TABLE: Mapping[str, tuple[Snapshot, Mapping[str, str]]] = {
    "P9": (
        P9,
        {
            "2002": "internal 2002",
            "2002#": "internal 2002",
            "20 02": "internal 2002",
            "sip:2002@office": "internal 2002",
            "2001": "busy",
            "2010": "unavailable",
            "2999": NOT_FOUND,
            "1234": NOT_FOUND,
            "20021": NOT_FOUND,
            "200": NOT_FOUND,
            "95551525": "local +74955551525",
            "9 555-15-25": "local +74955551525",
            "9555152": NOT_FOUND,
            "955515255": NOT_FOUND,
            "90551525": NOT_FOUND,
            "989036785665": "mobile +79036785665",
            "9 8 (903) 678-56-65": "mobile +79036785665",
            "98903678566": NOT_FOUND,
            "9890367856655": NOT_FOUND,
            "983433789809": "national +73433789809",
            "984995551525": "national +74995551525",
            "984955551525": "local +74955551525",
            "988005553535": "toll_free +78005553535",
            "988095553535": "premium +78095553535",
            "987272501234": "international +77272501234",
            "9810380692123456": "international +380692123456",
            "9 8 10 380 692 123 456": "international +380692123456",
            "9810380692123456#": "international +380692123456",
            "9810442071234567": "international +442071234567",
            "981012125550143": "international +12125550143",
            "9810": NOT_FOUND,
            "98101": NOT_FOUND,
            "9810074955551525": NOT_FOUND,
            "98101234567890123456": NOT_FOUND,
            "981074955551525": "local +74955551525",
            "+74955551525": "local +74955551525",
            "+79036785665": "mobile +79036785665",
            "%2B79036785665": "mobile +79036785665",
            "+380692123456": "international +380692123456",
            "+7903678566": NOT_FOUND,
            "+": NOT_FOUND,
            "++79036785665": NOT_FOUND,
            "7+9036785665": NOT_FOUND,
            "112": "emergency 112",
            "1 1 2": "emergency 112",
            "112#": "emergency 112",
            "+112": "emergency 112",
            "9112": "emergency 112",
            "911": "emergency 911",
            "9911": "emergency 911",
            "101": "emergency 101",
            "102": "emergency 102",
            "103": "emergency 103",
            "104": "emergency 104",
            "9101": "emergency 101",
            "9104": "emergency 104",
            "01": "emergency 01",
            "02": "emergency 02",
            "03": "emergency 03",
            "04": "emergency 04",
            "903": "emergency 03",
            "1122": NOT_FOUND,
            "11": NOT_FOUND,
            "99112": NOT_FOUND,
            "105": NOT_FOUND,
            "99110001": "local +74959110001",
            "91120001": "local +74951120001",
            "0": "tone",
            "0#": "tone",
            "00": NOT_FOUND,
            "*43": "feature *43",
            "*43#": "feature *43",
            "*4": NOT_FOUND,
            "*82002": "tone",
            "*82999": NOT_FOUND,
            "*8": NOT_FOUND,
            "*8*": NOT_FOUND,
            "*": NOT_FOUND,
            "#": NOT_FOUND,
            "##": NOT_FOUND,
            "": NOT_FOUND,
            " ": NOT_FOUND,
            "9": NOT_FOUND,
            "98": NOT_FOUND,
            "89036785665": NOT_FOUND,
            "5551525": NOT_FOUND,
            "84955551525": NOT_FOUND,
            "echo": NOT_FOUND,
            "alice@example.org": NOT_FOUND,
            "2002;drop table": "internal 2002",
            "٢٠٠٢": NOT_FOUND,
            "9" * 400: NOT_FOUND,
            "\udcff\x00\x1b[2J": NOT_FOUND,
        },
    ),
    "P9 six": (
        SIX,
        {
            "9432345": "local +73522432345",
            "9 432 345": "local +73522432345",
            "943234": NOT_FOUND,
            "94323456": NOT_FOUND,
            "983522432345": "local +73522432345",
            "984955551525": "national +74955551525",
            "989036785665": "mobile +79036785665",
            "9911": "emergency 911",
            "9911000": "local +73522911000",
        },
    ),
    "P0": (
        P0,
        {
            "2002": "internal 2002",
            "05551525": "local +74955551525",
            "089036785665": "mobile +79036785665",
            "083433789809": "national +73433789809",
            "0810380692123456": "international +380692123456",
            "0112": "emergency 112",
            "112": "emergency 112",
            "0101": "emergency 101",
            "0911": "emergency 911",
            "911": "emergency 911",
            "01": "emergency 01",
            "04": "emergency 04",
            "001": "emergency 01",
            "0": "tone",
            "0#": "tone",
            "04323451": "local +74954323451",
            "01123451": "local +74951123451",
            "5551525": NOT_FOUND,
            "95551525": NOT_FOUND,
            "00": NOT_FOUND,
            "08": NOT_FOUND,
            "*43": "feature *43",
            "+79036785665": "mobile +79036785665",
        },
    ),
    "none": (
        BARE,
        {
            "2002": "internal 2002",
            "2002000": "local +74952002000",
            "5551525": "local +74955551525",
            "9112345": "local +74959112345",
            "9112": NOT_FOUND,
            "911": "emergency 911",
            "112": "emergency 112",
            "1121212": "local +74951121212",
            "01": "emergency 01",
            "0": "tone",
            "89101234567": "mobile +79101234567",
            "84955551525": "local +74955551525",
            "83433789809": "national +73433789809",
            "88005553535": "toll_free +78005553535",
            "810380692123456": "international +380692123456",
            "8 10 380 692 123 456": "international +380692123456",
            "+380692123456": "international +380692123456",
            "0551525": NOT_FOUND,
            "8": NOT_FOUND,
            "8112": NOT_FOUND,
            "555152": NOT_FOUND,
            "55515255": NOT_FOUND,
            "79101234567": NOT_FOUND,
            "9101234567": NOT_FOUND,
            "*43": "feature *43",
        },
    ),
    "US": (
        US9,
        {
            "911": "emergency 911",
            "9911": "emergency 911",
            "112": "emergency 112",
            "95550143": "local +12125550143",
            "92125550143": "local +12125550143",
            "912125550143": "local +12125550143",
            "916175550143": "national +16175550143",
            "918005550143": "toll_free +18005550143",
            "919005550143": "premium +19005550143",
            "912425550143": "international +12425550143",
            "901174955551525": "international +74955551525",
            "90": NOT_FOUND,
            "01": NOT_FOUND,
        },
    ),
}
ROWS = [(name, dialled) for name, (_, rows) in TABLE.items() for dialled in rows]


@pytest.mark.parametrize(("profile", "dialled"), ROWS)
def test_dialled_numbers(profile: str, dialled: str) -> None:
    snapshot, rows = TABLE[profile]
    decision = dial(dialled, snapshot, by="2001")
    if decision.verdict is Verdict.ROUTE:
        assert decision.kind is not None
        outcome = f"{decision.kind.value} {decision.number}"
        assert decision.steps
    else:
        outcome = decision.prompt or "tone"
        assert not decision.steps
    assert outcome == rows[dialled]
    assert decision.reasons


def test_the_table_is_long_enough() -> None:
    assert len(ROWS) >= 150


def test_internal_call_rings_every_phone() -> None:
    decision = dial("2002")
    assert decision.steps == (RingExtension("2002", BINDINGS["2002"], 45),)
    assert (decision.cause, decision.prompt) == (Cause.NO_ANSWER, "no_answer")
    assert keys(decision) == ["meaning.extension_named", "class.allows", "extension.rings"]


def test_an_extension_may_have_its_own_ring_time() -> None:
    (step,) = dial("2007").steps
    assert isinstance(step, RingExtension) and step.ring_time_s == 20


@pytest.mark.parametrize(
    ("dialled", "state", "cause", "prompt", "reason"),
    [
        ("2002", LiveState(), Cause.UNREACHABLE, "unavailable", "extension.unregistered"),
        ("2010", STATE, Cause.UNREACHABLE, "unavailable", "extension.disabled"),
        ("2001", STATE, Cause.BUSY, "busy", "extension.own_number"),
        ("2999", STATE, Cause.NOT_FOUND, "no_such_number", "profile.prefix_missing"),
        (
            "2005",
            LiveState(bindings=BINDINGS, extension_calls={"2005": 1}),
            Cause.BUSY,
            "busy",
            "extension.busy",
        ),
        (
            "2002",
            LiveState(bindings=BINDINGS, extension_calls={"2001": 4}),
            Cause.CONGESTION,
            "cannot_complete",
            "caller.limit",
        ),
        (
            "95551525",
            LiveState(extension_calls={"2001": 4}),
            Cause.CONGESTION,
            "cannot_complete",
            "caller.limit",
        ),
    ],
)
def test_why_a_call_is_refused(
    dialled: str, state: LiveState, cause: Cause, prompt: str, reason: str
) -> None:
    decision = dial(dialled, state=state)
    assert decision.verdict is Verdict.REFUSE
    assert (decision.cause, decision.prompt) == (cause, prompt)
    assert keys(decision)[-1] == reason


def test_below_the_limit_calls_go_on() -> None:
    state = LiveState(bindings=BINDINGS, extension_calls={"2001": 3, "2002": 3})
    assert dial("2002", state=state).verdict is Verdict.ROUTE


@pytest.mark.parametrize(
    ("by", "reason"), [("2010", "caller.disabled"), ("3000", "caller.missing")]
)
def test_who_may_not_call(by: str, reason: str) -> None:
    decision = dial("2002", by=by)
    assert (decision.cause, keys(decision)[-1]) == (Cause.FORBIDDEN, reason)


def test_callers_without_a_name_get_nothing() -> None:
    for dialled in ("2002", "95551525", "112", "*43", "0", ""):
        decision = decide(CallRequest(dialled=dialled), P9, STATE, NOW)
        assert (decision.verdict, decision.cause) == (Verdict.REFUSE, Cause.FORBIDDEN)
        assert keys(decision) == ["caller.unknown"]


def test_an_extension_that_shadows_a_code_does_not_win() -> None:
    """The settings refuse such extensions; the engine does not rely on it."""
    shadowing = changed(P9, extensions=(extension("2001"), extension("112"), extension("0")))
    assert dial("112", shadowing).kind is DestinationKind.EMERGENCY
    assert dial("0", shadowing).kind is DestinationKind.FEATURE
