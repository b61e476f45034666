"""SIGTERM: calls end first; phones that answer nothing any more delay it by what it owes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.kit.box import Box
from tests.kit.calling import TalkingCall
from tests.kit.lamp_phone import LampPhone
from tests.kit.office import office, secret_of
from tests.kit.processes import wait_until
from tests.kit.raw_sip import Heard, RawCall, RawEnd, audio
from tests.kit.responder import Responder

#: To end three processes' worth of Python on a machine that others use.
_NOTHING_TO_WAIT_FOR_S = 2.0
_OWED_S = 3.0


@pytest.fixture
def box(make_box: Callable[..., Box]) -> Box:
    return make_box(office(extensions=range(2001, 2010)))


@pytest.fixture
def dead_watchers(box: Box) -> Iterator[list[LampPhone]]:
    """Three phones with twenty lamps each, which hear everything and answer no NOTIFY any more."""
    with ExitStack() as stack:
        phones = [
            stack.enter_context(LampPhone(box, number)) for number in ("2003", "2004", "2005")
        ]
        for phone in phones:
            phone.ask([f"20{n:02}" for n in range(20)])
        wait_until(
            lambda: not box.control("status")["alive"]["requests"], 5, "NOTIFYs are answered"
        )
        for phone in phones:
            phone.lamps.answer_notify = lambda notify: 0
        yield phones


def stop(box: Box) -> float:
    """How long it took."""
    began = time.monotonic()
    assert box.stop() == 0
    return time.monotonic() - began


def last_words(phones: list[LampPhone]) -> list[Heard]:
    """The first NOTIFY of each lamp that says that it is over."""
    found: dict[str, Heard] = {}
    for phone in phones:
        for message in phone.end.heard:
            if message.header("subscription-state").startswith("terminated"):
                found.setdefault(message.header("call-id"), message)
    return list(found.values())


def test_phones_that_answer_nothing_delay_no_stop(box: Box, dead_watchers: list[LampPhone]) -> None:
    took_s = stop(box)
    print(f"stopped after {took_s:.2f} s")
    assert took_s < _NOTHING_TO_WAIT_FOR_S
    assert len(last_words(dead_watchers)) == 60, "each was told once, at least"


def test_calls_end_before_lamps(box: Box, dead_watchers: list[LampPhone]) -> None:
    talking = TalkingCall(box)
    took_s = stop(box)
    print(f"stopped after {took_s:.2f} s")
    wait_until(
        lambda: [m for m in talking.phone.end.heard if m.method == "BYE"], 2, "the callee hears BYE"
    )
    bye = next(m for m in talking.phone.end.heard if m.method == "BYE")
    lamps = last_words(dead_watchers)
    assert len(lamps) == 60 and bye.at_s < min(m.at_s for m in lamps)
    for end in (talking.caller, talking.callee, talking.phone, talking.end):
        end.close()


def test_a_party_that_does_not_answer_its_bye_is_waited_for_and_not_for_ever(box: Box) -> None:
    """Its BYE is repeated meanwhile (RFC 3261 §17.1.2.2): a lost datagram leaves nobody talking."""
    with Responder() as phone, RawEnd() as end:
        phone.register((box.host, box.sip_port), "2002", secret_of("2002")).start()
        body = audio("127.0.0.1", 40000)
        call = RawCall(end, (box.host, box.sip_port), "2001", secret_of("2001"), "2002", body)
        call.invite()
        assert call.final().status == 200
        call.acknowledge()
        took_s = stop(box)
        print(f"stopped after {took_s:.2f} s")
        for _ in range(3):
            end.listen(0.1)
        assert [m.method for m in end.heard].count("BYE") >= 2
        assert _OWED_S <= took_s < _OWED_S + _NOTHING_TO_WAIT_FOR_S
