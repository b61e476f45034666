"""Tests of appliance/spending/spending.py: hours, days, running talk, clocks that are set."""

from __future__ import annotations

from datetime import date

from appliance.routing.decision import WHOLE_BOX, Payment, Spent
from appliance.spending.spending import Spending, SpentNow

TODAY, TOMORROW, YESTERDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 1)


def _payment(payer: str = "2001", day_s: float = 3600.0) -> Payment:
    return Payment(payer, 1800.0, "limit_call_minutes", day_s)


def _talk(
    spending: Spending, call_ref: str, begun: float, seconds: float, payer: str = "2001"
) -> None:
    spending.begin(call_ref, _payment(payer), begun)
    spending.answered(call_ref, begun)
    spending.over(call_ref, seconds, begun + seconds)


def test_a_call_counts_from_its_beginning_and_its_talk_from_its_answer() -> None:
    spending = Spending()
    spending.begin("a", _payment(), 100.0)
    assert spending.spent("2001", 110.0, TODAY) == Spent(1, 1, 0.0)
    spending.answered("a", 120.0)
    assert spending.spent("2001", 150.0, TODAY) == Spent(1, 1, 30.0)
    spending.over("a", 40.0, 160.0)
    assert spending.spent("2001", 200.0, TODAY) == Spent(0, 1, 40.0)
    assert spending.spent(WHOLE_BOX, 200.0, TODAY) == Spent(0, 1, 40.0)
    assert spending.spent("2002", 200.0, TODAY) == Spent()


def test_an_unanswered_call_is_a_call_without_talk() -> None:
    spending = Spending()
    spending.begin("a", _payment(), 0.0)
    spending.over("a", 0.0, 30.0)
    assert spending.spent("2001", 40.0, TODAY) == Spent(0, 1, 0.0)


def test_an_hour_is_the_last_3600_seconds() -> None:
    spending = Spending()
    for index in range(5):
        _talk(spending, str(index), index * 600.0, 10.0)
    assert spending.spent("2001", 3000.0, TODAY).calls_last_hour == 5
    assert spending.spent("2001", 3600.0, TODAY).calls_last_hour == 4
    assert spending.spent("2001", 9000.0, TODAY).calls_last_hour == 0


def test_a_new_day_begins_anew_and_talk_over_midnight_counts_on_each_day() -> None:
    spending = Spending()
    _talk(spending, "early", 0.0, 100.0)
    spending.begin("late", _payment(), 200.0)
    spending.answered("late", 200.0)
    assert spending.spent("2001", 300.0, TODAY).seconds_today == 200.0
    assert spending.spent("2001", 310.0, TOMORROW).seconds_today == 0.0
    spending.over("late", 150.0, 350.0)
    assert spending.spent("2001", 400.0, TOMORROW).seconds_today == 40.0


def test_a_clock_that_is_put_back_gives_nobody_new_minutes() -> None:
    spending = Spending()
    spending.spent("2001", 0.0, TODAY)
    _talk(spending, "a", 0.0, 100.0)
    for today in (YESTERDAY, TODAY, YESTERDAY, TODAY):
        assert spending.spent("2001", 200.0, today).seconds_today == 100.0


def test_a_clock_that_was_years_ahead_does_not_hold_the_day_for_ever() -> None:
    spending = Spending()
    spending.spent("2001", 0.0, date(2051, 3, 2))
    spending.spent("2001", 1.0, TODAY)
    _talk(spending, "a", 2.0, 100.0)
    assert spending.spent("2001", 200.0, TOMORROW).seconds_today == 0.0


def test_calls_that_cost_nothing_are_not_known() -> None:
    spending = Spending()
    spending.answered("inside", 1.0)
    spending.over("inside", 10.0, 11.0)
    assert spending.spent(WHOLE_BOX, 20.0, TODAY) == Spent()


def test_several_calls_at_once_use_up_the_day_together() -> None:
    spending = Spending()
    for name in ("a", "b"):
        spending.begin(name, _payment(day_s=1000.0), 0.0)
        spending.answered(name, 0.0)
    spending.begin("other", _payment("2002", 1000.0), 0.0)
    spending.answered("other", 0.0)
    assert spending.overdrawn(499.0, TODAY) == []
    assert sorted(spending.overdrawn(501.0, TODAY)) == ["a", "b"]
    spending.begin("free", _payment("2003", 0.0), 0.0)
    spending.answered("free", 0.0)
    assert "free" not in spending.overdrawn(1e6, TODAY)


def test_several_calls_are_warned_twice_before_they_use_up_the_day() -> None:
    spending = Spending()
    payment = Payment("2001", 1800.0, "limit_call_minutes", 1000.0, 60.0)
    for name in ("a", "b"):
        spending.begin(name, payment, 0.0)
        assert spending.running_out(0.0, TODAY) == []
        spending.answered(name, 0.0)
    told = {at: found for at in range(0, 500, 5) if (found := spending.running_out(at, TODAY))}
    assert told == {440: [("a", False), ("b", False)], 485: [("a", True), ("b", True)]}


def test_one_call_alone_and_one_without_warnings_are_not_warned_by_the_round() -> None:
    spending = Spending()
    spending.begin("a", Payment("2001", 1000.0, "limit_call_minutes", 1000.0, 60.0), 0.0)
    for name in ("b", "c"):
        spending.begin(name, Payment("2002", 1000.0, "limit_call_minutes", 1000.0), 0.0)
    for name in ("a", "b", "c"):
        spending.answered(name, 0.0)
    assert not [at for at in range(0, 1000, 5) if spending.running_out(at, TODAY)]


def test_a_call_that_is_left_of_two_is_warned_of_the_end_that_the_other_has_brought_nearer() -> (
    None
):
    spending = Spending()
    for name in ("a", "b"):
        spending.begin(name, Payment("2001", 1000.0, "limit_call_minutes", 1000.0, 60.0), 0.0)
        spending.answered(name, 0.0)
    spending.over("b", 240.0, 240.0)
    told = {at: found for at in range(245, 760, 5) if (found := spending.running_out(at, TODAY))}
    assert told == {700: [("a", False)], 745: [("a", True)]}
    assert spending.overdrawn(755.0, TODAY) == [] and spending.overdrawn(760.0, TODAY) == ["a"]


def test_the_view_reckons_for_whom_it_is_asked() -> None:
    spending = Spending()
    spending.restore("2001", -10.0, 60.0)
    view = SpentNow(spending, 0.0, lambda: TODAY)
    assert view["2001"] == Spent(0, 1, 60.0)
    assert view.get("2002", Spent()) == Spent()
    assert set(view) == {"2001", WHOLE_BOX}
    assert len(view) == 2
