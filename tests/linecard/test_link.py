"""Tests of drivers/linecard/link.py: window, repetition, duplicates, giving up."""

from __future__ import annotations

from drivers.linecard.frame import FrameType
from drivers.linecard.link import Arrival, Link


def link_with(count: int) -> Link:
    link = Link()
    for number in range(count):
        link.push(FrameType.CMD, 0, bytes((number,)))
    return link


def test_four_may_wait_for_their_acknowledgement() -> None:
    link = link_with(6)
    assert [f.sequence for f in link.frames_to_send(0.0)] == [0, 1, 2, 3]
    link.acknowledged(1, 0.01)
    assert [f.sequence for f in link.frames_to_send(0.01)] == [4, 5]
    link.acknowledged(5, 0.02)
    assert link.next_timeout() is None


def test_a_card_with_less_room_is_sent_less_at_once() -> None:
    for told, kept in ((2, 2), (0, 1), (200, 4)):
        link = Link(told)
        for number in range(6):
            link.push(FrameType.CMD, 0, bytes((number,)))
        assert len(link.frames_to_send(0.0)) == kept


def test_it_is_repeated_after_50_100_200_400_ms_and_given_up() -> None:
    link = link_with(1)
    sent_at = []
    now = 0.0
    while not link.is_failed:
        if link.frames_to_send(now):
            sent_at.append(round(now, 3))
        now += 0.001
    assert sent_at == [0.0, 0.05, 0.15, 0.35, 0.75]
    assert 1.5 < now < 1.6


def test_old_and_wrong_acknowledgements_change_nothing() -> None:
    link = link_with(2)
    link.frames_to_send(0.0)
    for sequence in (15, 7, 2):
        link.acknowledged(sequence, 0.0)
    assert [f.sequence for f in link.frames_to_send(0.05)] == [0, 1]


def test_what_is_missed_is_sent_at_once_but_once() -> None:
    link = link_with(4)
    link.frames_to_send(0.0)
    link.missed(2, 0.01)
    assert [f.sequence for f in link.frames_to_send(0.01)] == [2, 3]
    link.missed(2, 0.012)
    assert link.frames_to_send(0.012) == []


def test_numbers_go_round() -> None:
    link = Link()
    for number in range(40):
        assert link.push(FrameType.CMD, 0, b"") == number % 16
        link.frames_to_send(0.0)
        link.acknowledged(number % 16, 0.0)
        assert link.accept(number % 16) is Arrival.NEW
        assert link.accept(number % 16) is Arrival.KNOWN
        assert link.last == number % 16
    assert link.accept(link.expected + 1) is Arrival.AHEAD
