"""Classes of service, rules and ways out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.call.leg import Cause
from appliance.config.model import DestinationKind, DialRule
from appliance.routing.decision import LiveState, OutboundCall, UseTrunk, Verdict

from .office import BINDINGS, DOCUMENT, OUTSIDE, P9, RULES, changed, dial, extension, keys, ways

K = DestinationKind
LOCAL, MOBILE, NATIONAL = "95551525", "989036785665", "983433789809"
TOLL_FREE, PREMIUM, UKRAINE = "988005553535", "988095553535", "9810380692123456"
BELARUS, KAZAKHSTAN, BRITAIN = "9810375172123456", "987272501234", "9810442071234567"
ALLOWED = {
    "2003": (),
    "2004": ("2002",),
    "2005": ("2002", LOCAL, TOLL_FREE),
    "2006": ("2002", LOCAL, TOLL_FREE, MOBILE, NATIONAL),
    "2007": ("2002", LOCAL, TOLL_FREE, MOBILE, NATIONAL, BELARUS, KAZAKHSTAN),
    "2008": ("2002", LOCAL, TOLL_FREE, MOBILE, NATIONAL, UKRAINE, BRITAIN),
    "2009": ("2002", LOCAL, TOLL_FREE, MOBILE, NATIONAL, UKRAINE, BRITAIN, BELARUS, KAZAKHSTAN),
}
EVERYTHING = (
    "2002", LOCAL, MOBILE, NATIONAL, TOLL_FREE, PREMIUM, UKRAINE, BELARUS, KAZAKHSTAN, BRITAIN,
)  # fmt: skip


def busy(**calls: int) -> LiveState:
    trunk_calls = {
        name: tuple(OutboundCall(f"{name}-{n}", float(n), False) for n in range(count))
        for name, count in calls.items()
    }
    return LiveState(bindings=BINDINGS, trunk_calls=trunk_calls)


@pytest.mark.parametrize("dialled", EVERYTHING)
@pytest.mark.parametrize("by", ALLOWED)
def test_classes_of_service(by: str, dialled: str) -> None:
    decision = dial(dialled, by=by)
    if dialled in ALLOWED[by]:
        assert decision.verdict is Verdict.ROUTE
        return
    assert decision.verdict is Verdict.REFUSE
    if decision.kind is K.INTERNATIONAL:
        assert decision.cause is Cause.INTERNATIONAL_BARRED
        assert decision.prompt == "international_barred"
        assert keys(decision)[-1] == "class.country_closed"
    else:
        assert (decision.cause, decision.prompt) == (Cause.FORBIDDEN, "forbidden")
        assert keys(decision)[-1] == "class.forbids"


def test_a_barred_country_is_named() -> None:
    reason = dial(UKRAINE, by="2006").reasons[-1]
    assert reason.params["country"] == "UA"
    assert reason.params["country_ru"] == "Украина"
    assert reason.params["country_en"] == "Ukraine"


def test_emergency_needs_no_class() -> None:
    assert dial("112", by="2003").verdict is Verdict.ROUTE


def test_a_missing_class_allows_nothing() -> None:
    office = changed(P9, extensions=(extension("2001", "gone"), extension("2002")))
    assert dial("2002", office).cause is Cause.FORBIDDEN
    assert dial(UKRAINE, office).cause is Cause.INTERNATIONAL_BARRED
    assert dial("112", office).verdict is Verdict.ROUTE


def test_first_rule_that_fits_by_kind() -> None:
    assert ways(dial(LOCAL)) == [("city", "5551525"), ("plus", "+74955551525")]
    assert ways(dial(MOBILE)) == [("plus", "+79036785665"), ("eight", "89036785665")]


def test_a_local_number_that_an_exchange_would_cut_short_is_sent_whole() -> None:
    assert ways(dial("984958105551"))[0] == ("city", "84958105551")
    assert ways(dial("91125551"))[0] == ("city", "84951125551")


def test_first_rule_that_fits_by_prefix() -> None:
    assert ways(dial(UKRAINE)) == [("bare", "380692123456")]
    assert ways(dial(BRITAIN)) == [("plus", "+442071234567"), ("eight", "810442071234567")]


def test_order_of_rules_is_the_order_of_the_document() -> None:
    general_first = changed(P9, rules=(RULES[-1], *RULES[:-1]))
    assert ways(dial(LOCAL, general_first))[0] == ("plus", "+74955551525")


def test_what_a_trunk_is_told() -> None:
    first, second = dial(MOBILE).steps
    assert isinstance(first, UseTrunk) and isinstance(second, UseTrunk)
    assert (first.caller_id, first.no_answer_s, first.ring_time_s) == ("+74951234567", 4.0, 45)
    assert (second.caller_id, second.no_answer_s) == ("84957654321", 6.0)
    city = dial(LOCAL).steps[0]
    assert isinstance(city, UseTrunk) and city.leave_on == (503,)


def test_caller_id_of_the_extension_goes_before_the_trunks() -> None:
    shown = [step.caller_id for step in dial(LOCAL, by="2002").steps if isinstance(step, UseTrunk)]
    assert shown == ["1112233", "+74951112233"]
    (bare,) = dial(UKRAINE, by="2001").steps
    assert isinstance(bare, UseTrunk) and bare.caller_id == ""


def test_a_full_trunk_is_skipped() -> None:
    decision = dial(MOBILE, state=busy(plus=2))
    assert ways(decision) == [("eight", "89036785665")]
    assert keys(decision)[-3:] == ["way.disabled", "way.full", "way.kept"]
    assert decision.prompt == "all_lines_busy"


def test_a_trunk_that_is_down_is_tried_last() -> None:
    state = LiveState(down={"plus": "dns"})
    decision = dial(MOBILE, state=state)
    assert ways(decision) == [("eight", "89036785665"), ("plus", "+79036785665")]
    assert keys(decision)[-2:] == ["way.down", "way.kept"]


def test_when_all_are_down_they_are_tried_all_the_same() -> None:
    state = LiveState(down={"plus": "dns", "eight": "refused"})
    assert ways(dial(MOBILE, state=state)) == [("plus", "+79036785665"), ("eight", "89036785665")]


def test_when_all_are_full_the_lines_are_busy() -> None:
    decision = dial(MOBILE, state=busy(plus=2, eight=10))
    assert (decision.cause, decision.prompt) == (Cause.CONGESTION, "all_lines_busy")
    assert keys(decision)[-1] == "way.none"


def test_only_the_chosen_rules_ways_are_used() -> None:
    """A rule whose ways are used up does not fall through to the next one."""
    state = busy(bare=10)
    assert ways(dial(UKRAINE, state=state)) == []


def test_no_rule_no_way() -> None:
    decision = dial(MOBILE, changed(P9, rules=()))
    assert (decision.cause, decision.prompt) == (Cause.UNREACHABLE, "cannot_complete")
    assert keys(decision)[-1] == "rule.none"


def test_a_rule_whose_trunks_are_gone() -> None:
    rule = DialRule(name="old", kinds=OUTSIDE, ways=("sold", "off"))
    decision = dial(MOBILE, changed(P9, rules=(rule,)))
    assert (decision.cause, decision.prompt) == (Cause.UNREACHABLE, "cannot_complete")
    assert keys(decision)[-3:] == ["way.missing", "way.disabled", "way.none"]


def test_a_caller_id_that_is_no_number_goes_as_it_is() -> None:
    trunks = tuple(replace(trunk, caller_id="office") for trunk in DOCUMENT.trunks)
    step = dial(MOBILE, changed(P9, trunks=trunks)).steps[0]
    assert isinstance(step, UseTrunk) and step.caller_id == "office"
