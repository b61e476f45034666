"""Two honest phones that hold, resume and change codecs at will always agree on what flows.

Each phone answers by RFC 3264 and knows nothing of the other; the call passes their words. After
every action both must see the same flow in each direction, in codecs that the listener accepts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.call.body import State
from appliance.call.inputs import CallInput, CallOutput
from appliance.call.leg import (
    AcceptReoffer,
    Answer,
    Answered,
    Dial,
    Offered,
    Party,
    Reoffer,
    ReofferAnswered,
    Reoffered,
)
from appliance.sdp.codecs import PCMA, PCMU
from appliance.sdp.media import Codec, Direction, Media, MediaKind
from appliance.sdp.negotiate import default_offer
from appliance.sdp.render import allowed_direction
from tests.kit.scripted_legs import Stage, ring, route

G722 = Codec(9, "G722", 8000)


@dataclass
class HonestPhone:
    """said and heard: the descriptions in force."""

    leg: int
    codecs: tuple[Codec, ...] = (PCMA, PCMU, G722)
    wish: Direction = Direction.SENDRECV
    said: Media = field(default_factory=default_offer)
    heard: Media = field(default_factory=default_offer)
    offer: Media | None = None  # ours, unanswered
    is_asking: bool = False  # we sent a re-INVITE without an offer

    def make_offer(self) -> Media:
        self.offer = Media(MediaKind.AUDIO, self.codecs, self.wish)
        return self.offer

    def answer(self, offer: Media) -> Media:
        codecs = tuple(c for c in offer.codecs if c in self.codecs)
        self.heard = offer
        self.said = Media(MediaKind.AUDIO, codecs, allowed_direction(offer.direction, self.wish))
        return self.said

    def hear_answer(self, answer: Media) -> None:
        assert self.offer is not None
        self.said, self.heard, self.offer = self.offer, answer, None

    @property
    def is_sending(self) -> bool:
        return self.said.direction.sends and self.heard.direction.receives

    @property
    def is_listening(self) -> bool:
        return self.said.direction.receives and self.heard.direction.sends

    @property
    def sendable(self) -> set[str]:
        """Codecs that it may send: those that it heard and speaks itself."""
        return {c.name for c in self.heard.codecs if c in self.said.codecs}


class Talk:
    """A connected call between two honest phones."""

    def __init__(self, *, is_delayed: bool) -> None:
        self.caller, self.called = HonestPhone(1), HonestPhone(2)
        offer = None if is_delayed else self.caller.make_offer()
        self.stage = Stage(route(ring()), Offered(1, Party("2001"), "2002", offer))
        dial = next(o for o in self.stage.outputs if isinstance(o, Dial))
        assert dial.offer is not None
        self.tell(Answered(2, self.called.answer(dial.offer)))

    def tell(self, item: CallInput) -> None:
        """Hand it to the call and let the phones react until nothing is left to do."""
        pending = [item]
        for _ in range(12):
            before = len(self.stage.outputs)
            if pending:
                self.stage.tell(pending.pop(0))
            for output in self.stage.outputs[before:]:
                pending += self._react(output)
        assert not pending

    def act(self, phone: HonestPhone, *, has_offer: bool) -> None:
        if has_offer:
            self.tell(Reoffered(phone.leg, phone.make_offer()))
        else:
            phone.is_asking = True
            self.tell(Reoffered(phone.leg, None))

    def _react(self, output: CallOutput) -> list[CallInput]:
        if isinstance(output, Reoffer):
            phone = self._phone(output.leg)
            return [ReofferAnswered(output.leg, phone.answer(output.offer))]
        if isinstance(output, Answer | AcceptReoffer):
            phone = self._phone(output.leg)
            if phone.offer is None:
                phone.is_asking = False
                return [ReofferAnswered(output.leg, phone.answer(output.answer))]
            phone.hear_answer(output.answer)
        return []

    def _phone(self, leg: int) -> HonestPhone:
        return self.caller if leg == 1 else self.called


def check(talk: Talk) -> None:
    a, b = talk.caller, talk.called
    assert talk.stage.call.state is State.CONNECTED
    assert (a.is_sending, a.is_listening) == (b.is_listening, b.is_sending)
    assert a.sendable and a.sendable <= {c.name for c in b.said.codecs}
    assert b.sendable and b.sendable <= {c.name for c in a.said.codecs}


_ACTIONS = st.tuples(
    st.booleans(),  # who: the caller?
    st.booleans(),  # with an offer?
    st.sampled_from(list(Direction)),
    st.sampled_from([(PCMA,), (PCMA, PCMU), (G722, PCMA)]),
)


@settings(max_examples=200, deadline=None)
@given(st.booleans(), st.lists(_ACTIONS, max_size=8))
def test_honest_phones_always_agree(
    is_delayed: bool, actions: list[tuple[bool, bool, Direction, tuple[Codec, ...]]]
) -> None:
    talk = Talk(is_delayed=is_delayed)
    check(talk)
    for is_caller, has_offer, wish, codecs in actions:
        phone = talk.caller if is_caller else talk.called
        phone.wish, phone.codecs = wish, codecs
        talk.act(phone, has_offer=has_offer)
        check(talk)


def test_a_holder_that_comes_back_without_an_offer_is_heard_of() -> None:
    talk = Talk(is_delayed=False)
    talk.called.wish, talk.called.codecs = Direction.SENDONLY, (PCMA,)
    talk.act(talk.called, has_offer=False)
    talk.caller.codecs = (PCMA, PCMU)
    talk.act(talk.caller, has_offer=True)
    talk.called.wish, talk.called.codecs = Direction.SENDRECV, (PCMA, PCMU)
    talk.act(talk.called, has_offer=False)
    check(talk)
    assert talk.caller.is_sending and talk.called.is_sending


def test_a_phone_that_held_can_always_talk_again() -> None:
    for has_offer in (True, False):
        talk = Talk(is_delayed=False)
        talk.caller.wish = Direction.SENDONLY
        talk.act(talk.caller, has_offer=True)
        assert not talk.called.is_sending
        talk.caller.wish = Direction.SENDRECV
        talk.act(talk.caller, has_offer=has_offer)
        assert talk.called.is_sending and talk.caller.is_sending
