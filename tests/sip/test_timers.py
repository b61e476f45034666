"""Figures of RFC 3261 table 4 and the queue of deadlines."""

from __future__ import annotations

from appliance.sip.timers import TimerQueue, TimerValues, cancel


def test_figures_follow_t1() -> None:
    values = TimerValues()
    assert (values.t1, values.t2, values.t4, values.timeout, values.d) == (0.5, 4, 5, 32, 32)
    assert TimerValues(t1=1.0).timeout == 64
    assert TimerValues(t1=0.1).d == 32  # Timer D is at least 32 s


def test_fires_in_order_and_only_what_is_due() -> None:
    queue, fired = TimerQueue(), []
    for name, at in (("b", 2.0), ("a", 1.0), ("c", 3.0), ("a2", 1.0)):
        queue.set(at, lambda now, name=name: fired.append((name, now)))  # type: ignore[misc]
    queue.fire(2.0)
    assert fired == [("a", 2.0), ("a2", 2.0), ("b", 2.0)]
    assert queue.next() == 3.0
    assert len(queue) == 1


def test_cancelled_ones_are_silent_and_do_not_wake() -> None:
    queue, fired = TimerQueue(), []
    alarm = queue.set(1.0, fired.append)
    assert alarm.is_set
    cancel(alarm)
    cancel(None)
    assert not alarm.is_set
    assert queue.next() is None
    queue.fire(5.0)
    assert fired == []


def test_what_is_set_while_firing_fires_when_due() -> None:
    queue, fired = TimerQueue(), []
    queue.set(1.0, lambda now: queue.set(now, fired.append))
    queue.fire(1.0)
    assert fired == [1.0]
    assert queue.next() is None


def test_cancelled_deadlines_do_not_pile_up() -> None:
    queue, rung = TimerQueue(), []
    kept = [queue.set(5000.0 - n, rung.append) for n in range(10)]
    for n in range(20_000):
        queue.set(1800.0 + n, rung.append).cancel()
        assert queue.held < 2000
    assert len(queue) == len(kept)
    queue.fire(6000.0)
    assert rung == [6000.0] * 10
