"""What an extension may spend: each limit, whose it is, what it says, and what it never touches."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from appliance.call.leg import Cause
from appliance.config.model import ClassOfService, DestinationKind, Extension, Snapshot
from appliance.routing.decide import decide
from appliance.routing.decision import WHOLE_BOX, CallRequest, Decision, LiveState, Spent, Verdict
from appliance.routing.limits import PAID, Limits, limits_of
from appliance.routing.texts import say, say_alert
from tests.routing.office import BINDINGS, COUNTRY, NOW, P9, changed, dial, extension, keys

MOBILE = "989036785665"
CLASS = ClassOfService(
    name="bounded",
    allows=COUNTRY,
    max_paid_calls=2,
    max_paid_calls_per_hour=10,
    max_paid_minutes_per_day=60,
    max_call_minutes=30,
)
EXTENSIONS = (
    extension("2001", "bounded"),
    extension("2002", "bounded", max_paid_calls_per_hour=20, max_call_minutes=5),
    extension("2003", "bounded"),
)
_FRESH = LiveState()
OFFICE = changed(P9, classes=(CLASS,), extensions=EXTENSIONS)


def _spent(by: str = "2001", **fields: float) -> LiveState:
    return LiveState(bindings=BINDINGS, spent={by: Spent(**fields)})  # type: ignore[arg-type]


def _call(state: LiveState, dialled: str = MOBILE, by: str = "2001") -> Decision:
    return dial(dialled, OFFICE, state, by=by)


@pytest.mark.parametrize(
    ("fields", "reason", "alert", "detail"),
    [
        ({"calls": 2}, "limit.calls", "limit_paid_calls", "2001 (2)"),
        (
            {"calls_last_hour": 10},
            "limit.calls_per_hour",
            "limit_paid_calls_per_hour",
            "2001 (10)",
        ),
        (
            {"seconds_today": 3600.0},
            "limit.minutes_per_day",
            "limit_paid_minutes_per_day",
            "2001 (60)",
        ),
    ],
)
def test_a_limit_that_is_reached_refuses_and_raises_its_alert(
    fields: dict[str, float], reason: str, alert: str, detail: str
) -> None:
    decision = _call(_spent(**fields))
    assert (decision.verdict, decision.cause) == (Verdict.REFUSE, Cause.LIMIT)
    assert (decision.alerts, decision.alert_detail) == ((alert,), detail)
    assert decision.prompt == "limit_reached"
    assert keys(decision)[-1] == reason
    assert "2001" in say(decision.reasons[-1], "ru")
    assert "max_paid" in say_alert(alert, "en")  # what to do


@pytest.mark.parametrize(
    "fields", [{"calls": 1}, {"calls_last_hour": 9}, {"seconds_today": 3500.0}]
)
def test_one_short_of_a_limit_passes(fields: dict[str, float]) -> None:
    assert _call(_spent(**fields)).verdict is Verdict.ROUTE


def test_a_day_that_is_all_but_over_begins_no_call() -> None:
    assert _call(_spent(seconds_today=3595.0)).cause is Cause.LIMIT


def test_an_extensions_own_limits_go_before_its_class() -> None:
    assert limits_of(EXTENSIONS[1], CLASS) == Limits(2, 20, 60, 5)
    assert _call(_spent("2002", calls_last_hour=12), by="2002").verdict is Verdict.ROUTE


def test_a_limit_of_zero_is_none() -> None:
    free = replace(
        CLASS,
        max_paid_calls=0,
        max_paid_calls_per_hour=0,
        max_paid_minutes_per_day=0,
        max_call_minutes=0,
    )
    office = changed(OFFICE, classes=(free,))
    state = _spent(calls=99, calls_last_hour=999, seconds_today=1e6)
    decision = dial(MOBILE, office, state)
    assert decision.verdict is Verdict.ROUTE
    assert decision.payment is not None and decision.payment.longest_s == 0


def test_limits_have_sane_defaults() -> None:
    limits = limits_of(Extension(number="1", secret="x"), ClassOfService(name="a", allows=()))
    assert 0 < limits.calls <= 5
    assert 0 < limits.calls_per_hour <= 100
    assert 0 < limits.minutes_per_day <= 480
    assert 0 < limits.call_minutes <= 240


@pytest.mark.parametrize("dialled", ["112", "9112", "101", "911", "988005553535", "2002", "*43"])
def test_emergency_and_what_costs_nothing_is_never_limited_nor_counted(dialled: str) -> None:
    state = LiveState(
        bindings=BINDINGS,
        spent={key: Spent(99, 9999, 1e6) for key in ("2001", WHOLE_BOX)},
    )
    decision = _call(state, dialled)
    assert decision.verdict is Verdict.ROUTE
    assert decision.payment is None


def test_the_whole_box_has_a_limit_of_its_own() -> None:
    office = changed(OFFICE, site=replace(OFFICE.document.site, max_paid_calls_per_hour=100))
    full = LiveState(bindings=BINDINGS, spent={WHOLE_BOX: Spent(calls_last_hour=100)})
    decision = dial(MOBILE, office, full, by="2003")
    assert decision.alerts == ("limit_box_calls_per_hour",)
    assert decision.alert_detail == "(100)"
    assert dial("112", office, full, by="2003").verdict is Verdict.ROUTE


@pytest.mark.parametrize(
    ("at", "zone", "longest_s"),
    [
        (datetime(2026, 3, 2, 23, 49), "Europe/Moscow", 600.0),  # the day ends after its minutes
        (datetime(2026, 3, 2, 23, 55), "Europe/Moscow", 300.0 + 3600.0),
        (datetime(2026, 3, 29, 1, 55), "Europe/Berlin", 600.0),
        (datetime(2026, 10, 24, 23, 55), "America/Havana", 300.0 + 3600.0),
    ],
)
def test_a_call_that_reaches_midnight_has_the_minutes_of_the_new_day(
    at: datetime, zone: str, longest_s: float
) -> None:
    office = changed(OFFICE, classes=(replace(CLASS, max_call_minutes=0),))
    request = CallRequest(dialled=MOBILE, extension="2001")
    now = at.replace(tzinfo=ZoneInfo(zone))
    payment = decide(request, office, _spent(seconds_today=3000.0), now).payment
    assert payment is not None
    assert (payment.longest_s, payment.limit) == (longest_s, "limit_paid_minutes_per_day")


@pytest.mark.parametrize(
    ("talked_s", "longest_s", "limit"),
    [
        (0.0, 1800.0, "limit_call_minutes"),
        (1800.0, 1800.0, "limit_call_minutes"),
        (3000.0, 600.0, "limit_paid_minutes_per_day"),
    ],
)
def test_a_call_lasts_no_longer_than_its_limit_and_the_rest_of_the_day(
    talked_s: float, longest_s: float, limit: str
) -> None:
    decision = _call(_spent(seconds_today=talked_s))
    assert decision.payment is not None
    assert (decision.payment.payer, decision.payment.longest_s) == ("2001", longest_s)
    assert decision.payment.limit == limit
    assert "limit.longest" in keys(decision)


def test_a_destination_that_is_closed_says_so_before_any_limit() -> None:
    decision = _call(_spent(calls=99), "9810375171234567")
    assert decision.cause is Cause.INTERNATIONAL_BARRED
    assert not decision.alerts


def test_paid_kinds_are_those_for_which_a_bill_comes() -> None:
    assert {kind.value for kind in PAID} == {
        "local",
        "national",
        "mobile",
        "premium",
        "international",
    }


# ---- forwarded calls


def _forward(
    dialled: str, by: str, state: LiveState = _FRESH, office: Snapshot = OFFICE, **who: str
) -> Decision:
    request = CallRequest(dialled=dialled, on_behalf_of=by, **who)
    return decide(request, office, state, NOW)


def test_a_forwarded_call_is_on_the_forwarders_account() -> None:
    decision = _forward(MOBILE, "2002", trunk="plus")
    assert decision.payment is not None and decision.payment.payer == "2002"
    assert keys(decision)[0] == "caller.on_behalf"


def test_the_forwarders_limits_hold_whoever_called() -> None:
    state = _spent("2002", calls_last_hour=20)
    for who in ({"trunk": "plus"}, {"extension": "2001"}):
        decision = _forward(MOBILE, "2002", state, **who)
        assert (decision.cause, decision.alert_detail) == (Cause.LIMIT, "2002 (20)")


def test_the_forwarders_class_holds_and_not_the_callers() -> None:
    poor = ClassOfService(name="poor", allows=(DestinationKind.INTERNAL,))
    office = changed(
        OFFICE,
        classes=(CLASS, poor),
        extensions=(*EXTENSIONS[:2], extension("2003", "poor")),
    )
    refused = _forward(MOBILE, "2003", office=office, extension="2001")
    assert refused.cause is Cause.FORBIDDEN
    assert _forward(MOBILE, "2001", office=office, extension="2003").verdict is Verdict.ROUTE


def test_strangers_are_not_forwarded_to_emergency_services() -> None:
    assert _forward("112", "2001", trunk="plus").cause is Cause.FORBIDDEN
    assert _forward("112", "2001", extension="2002").verdict is Verdict.ROUTE


def test_a_forwarder_that_does_not_exist_pays_for_nothing() -> None:
    assert _forward(MOBILE, "2099", trunk="plus").verdict is Verdict.REFUSE
