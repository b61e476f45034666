"""Figures of RFC 3261 table 4 and the queue of deadlines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.sip.timers import Lingering, TimerQueue, TimerValues, cancel


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


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from([0.5, 4.0, 5.0, 32.0, 900.0, 7.3]))))
def test_whatever_is_set_and_cancelled_rings_once_in_its_turn(
    moves: list[tuple[int, float]],
) -> None:
    queue, rung, now = TimerQueue(), [], 0.0
    alarms = []
    wanted = []
    for step, wait in moves:
        now += step / 10
        alarms.append(queue.set(now + wait, lambda at, due=now + wait: rung.append(due)))  # type: ignore[misc]
        wanted.append(now + wait)
        if step % 3 == 0:
            index = step % len(alarms)
            alarms[index].cancel()
            wanted[index] = -1.0
    wanted = sorted(due for due in wanted if due >= 0)
    assert queue.next() == (wanted[0] if wanted else None) and len(queue) == len(wanted)
    queue.fire(now + 1000)
    assert rung == wanted and queue.held == 0


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("set"), st.integers(0, 400)),
            st.tuples(st.just("cancel"), st.integers(0, 30)),
            st.tuples(st.just("fire"), st.integers(0, 60)),
        ),
        max_size=120,
    )
)
def test_the_next_deadline_is_that_of_a_plain_list(moves: list[tuple[str, int]]) -> None:
    queue, rung, now = TimerQueue(), [], 100.0
    plain: list[tuple[float, int]] = []  # what a list of all would hold: due, number
    alarms = {}
    for number, (move, figure) in enumerate(moves):
        if move == "set":
            due = now + figure / 16
            alarms[number] = queue.set(due, lambda at, number=number: rung.append(number))  # type: ignore[misc]
            plain.append((due, number))
        elif move == "cancel" and plain:
            gone = plain.pop(figure % len(plain))
            alarms[gone[1]].cancel()
        elif move == "fire":
            now += figure / 16
            rung.clear()
            queue.fire(now)
            assert rung == [number for due, number in sorted(plain) if due <= now]
            plain = [each for each in plain if each[0] > now]
        assert queue.next() == (min(plain)[0] if plain else None)
        assert len(queue) == len(plain) <= queue.held


def test_deadlines_in_any_order_ring_in_theirs() -> None:
    queue, rung = TimerQueue(), []
    for n in range(3000):
        queue.set(float(n * 7919 % 3001), lambda now, n=n: rung.append(n * 7919 % 3001))  # type: ignore[misc]
    queue.fire(5000.0)
    assert rung == sorted(rung) and len(rung) == 3000


def test_those_who_linger_go_in_turn_each_after_its_time() -> None:
    queue: TimerQueue = TimerQueue()
    gone: list[tuple[str, float]] = []
    lingering: Lingering[str] = Lingering(queue, lambda name, now: gone.append((name, now)))
    for name, wait, now in (("a", 32.0, 1.0), ("b", 5.0, 1.5), ("c", 32.0, 2.0), ("d", 0.0, 2.0)):
        lingering.add(name, wait, now)
    queue.fire(2.0)
    queue.fire(6.4)
    assert gone == [("d", 2.0)]
    for now in (6.6, 32.9, 33.1, 33.9, 34.1):
        queue.fire(now)
    assert gone[1:] == [("b", 6.6), ("a", 33.1), ("c", 34.1)]
    assert queue.next() is None


def test_late_alarms_ring_before_those_whose_time_is_later() -> None:
    queue, gone = TimerQueue(), []
    lingering: Lingering[str] = Lingering(queue, lambda name, now: gone.append(name))
    lingering.add("first", 32.0, 0.0)
    lingering.add("second", 32.0, 20.0)
    queue.set(34.0, lambda now: gone.append("alarm"))
    queue.fire(60.0)
    assert gone == ["first", "alarm", "second"]
