"""Twenty calls on a running box while a stranger sprays every media port of it.

Nothing may come back to him, nothing of his may reach a party, and no packet of the parties may be
lost: not while they talk, not before a phone behind NAT has spoken, not when calls begin and end.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.kit.box import Box
from tests.kit.calling import address, call, media_port
from tests.kit.health import Health
from tests.kit.office import office, secret_of
from tests.kit.processes import wait_until
from tests.kit.raw_sip import RawCall, RawEnd, audio
from tests.kit.responder import Responder
from tests.kit.sprayer import Sprayer
from tests.kit.talkers import Party, talk

CALLS = 20
PHONES = tuple(str(number) for number in range(2002, 2008))  # none has more than four calls
ELSEWHERE = ("127.0.0.2", "127.0.0.3")
SAME_HOST = ("127.0.0.1",)
BEHIND_NAT = "127.0.0.9"  # what a phone behind NAT says of itself: nobody is there


@dataclass
class Talk:
    """A call that stands."""

    caller: Party
    callee: Party
    call: RawCall

    @property
    def pair(self) -> tuple[Party, Party]:
        return self.caller, self.callee


class Office:
    """Callers and phones that answer them, each call with its own pair of parties."""

    def __init__(self, box: Box, stack: ExitStack) -> None:
        self.box, self._stack = box, stack
        self.end = stack.enter_context(RawEnd())
        self._phones = [self._phone(number) for number in PHONES]
        self.talks: list[Talk] = []
        self._next: Party
        self._says = ""
        self._begun, self._ssrcs = 0, itertools.count(0x10000001)

    def _phone(self, number: str) -> Responder:
        phone = Responder(lambda request: self._answer(phone))
        self._stack.callback(phone.close)
        return phone.register(address(self.box), number, secret_of(number)).start()

    def _answer(self, phone: Responder) -> int:
        phone.rtp_host, phone.rtp_port = self._says, self._next.port
        return 200

    def begin(self, *, is_behind_nat: bool = False) -> Talk:
        """One more call; a party behind NAT describes an address where it is not."""
        caller, callee = self._party(), self._party()
        self._next, self._says = callee, BEHIND_NAT if is_behind_nat else "127.0.0.1"
        turn = self._begun % len(PHONES)
        user = str(2021 + self._begun)
        self._begun += 1
        phone = self._phones[turn]
        body = audio("127.0.0.1", caller.port)
        dialled = call(self.box, self.end, PHONES[turn], body, user)
        dialled.invite()
        answer = dialled.final()
        assert answer.status == 200, answer.first_line
        dialled.acknowledge()
        caller.box = self.box.host, media_port(answer.body)
        callee.box = self.box.host, media_port(phone.invited[-1].request.body)
        self.talks.append(Talk(caller, callee, dialled))
        return self.talks[-1]

    def _party(self) -> Party:
        party = Party(next(self._ssrcs))
        self._stack.callback(party.close)
        return party

    def end_call(self, ending: Talk) -> None:
        assert ending.call.hang_up() == 200
        self.talks.remove(ending)

    def pairs(self) -> list[tuple[Party, Party]]:
        return [each.pair for each in self.talks]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("box")
    with Box(folder, office(extensions=range(2001, 2050))) as box:
        yield box.start()


@pytest.fixture(scope="module")
def desk(box: Box) -> Iterator[Office]:
    with ExitStack() as stack:
        made = Office(box, stack)
        for number in range(CALLS):
            made.begin(is_behind_nat=number % 2 == 1)
        yield made
        health = Health(box)
        for each in list(made.talks):
            made.end_call(each)
        health.check()


@pytest.fixture
def make_stranger(box: Box) -> Iterator[Callable[..., Sprayer]]:
    """Strangers at these addresses; none of them ever gets an answer."""
    made: list[Sprayer] = []
    low, high = box.rtp_ports

    def make(*hosts: str) -> Sprayer:
        made.append(Sprayer(box.host, range(low, high + 1), hosts))
        return made[-1]

    yield make
    for stranger in made:
        assert stranger.sent
        assert not stranger.answers()
        stranger.close()


def test_before_a_phone_behind_nat_has_spoken(
    desk: Office, make_stranger: Callable[..., Sprayer]
) -> None:
    """The streams that have not learned their source learn no stranger; then the phone is heard.
    First in this file: nobody has spoken yet."""
    stranger = make_stranger(*ELSEWHERE)
    low, high = desk.box.rtp_ports
    stranger.spray(3 * (high + 1 - low))
    with stranger:
        for each in desk.talks:
            each.callee.talk()
        for each in desk.talks:
            wait_until(each.caller.has_heard, 5, "he is heard")
            assert each.caller.got == [(each.callee.ssrc, 0xFFE0)]
            assert not each.caller.foreign
        talk(desk.pairs(), 25)


def test_while_all_talk(desk: Office, make_stranger: Callable[..., Sprayer]) -> None:
    """By now every source is known: even the same host from another port is a stranger."""
    stranger = make_stranger(*ELSEWHERE, *SAME_HOST)
    talk(desk.pairs(), 150, between=lambda: stranger.spray(200))


def test_when_calls_begin_and_end(desk: Office, make_stranger: Callable[..., Sprayer]) -> None:
    """Ports of calls that end rest, those of calls that begin are guarded from the first moment."""
    ended = desk.talks[:2]
    with make_stranger(*ELSEWHERE, *SAME_HOST) as stranger:
        for each in ended:
            desk.end_call(each)
            each.callee.talk()  # a late packet of the call that has ended
            begun = desk.begin()
            assert each.caller.box[1] != begun.caller.box[1]
            talk([begun.pair, *desk.pairs()[:5]], 10)
        for each in ended:
            each.caller.hear()
            assert not each.caller.foreign
    assert stranger.sent > 100
