"""Offers and answers between the two parties of a call: the first, and every later one.

PURE. RFC 3264 §8, RFC 3261 §14, delayed offers by RFC 6337. Descriptions pass unread: each speaks
for the party that wrote it, so hold, codec change and T.38 need no rule of their own. One exchange
runs at a time; an offer that meets one is refused with 491 (RFC 3261 §14.2).
"""

from __future__ import annotations

from dataclasses import replace

from appliance.call.body import CallBody, CallLeg, Exchange, LegPhase, State
from appliance.call.ending import NO_SUCH_DIALOG, end, on_offer_of_the_dead
from appliance.call.leg import (
    AcceptReoffer,
    Answer,
    Bridge,
    Cause,
    DigitReceived,
    RefuseReoffer,
    Reoffer,
    ReofferAnswered,
    Reoffered,
    ReofferRefused,
    SendDigit,
)
from appliance.call.length import begin_limit
from appliance.sdp.media import Direction, Media
from appliance.sdp.negotiate import changes_talk, default_offer, restrict

REQUEST_PENDING = 491
SERVER_TIME_OUT = 504
#: Longer than any re-INVITE can last (Timer B or 64*T1 for the ACK, RFC 3261 §17.1.1.2, §13.3.1.4).
EXCHANGE_BOUND_S = 35.0


def connect(body: CallBody, leg: CallLeg) -> None:
    """Let media flow between the caller and this leg."""
    body.connected = leg
    body.say(Bridge(body.originating.number, leg.number))


def settle(body: CallBody, leg: CallLeg, answer: Media, now: float) -> None:
    """This leg takes the call: the others stop ringing and the caller is answered."""
    leg.phase = LegPhase.ANSWERED
    _learn(leg, body.offer or default_offer(), answer)
    body.timers.clear()
    body.release_called(Cause.ANSWERED_ELSEWHERE)
    if body.connected is not leg:
        connect(body, leg)
    if body.offer is not None:
        answer_caller(body, answer, now)
        body.move(State.CONNECTED)
        return
    proposal = restrict(default_offer(), answer)
    answer_caller(body, proposal, now)
    await_answer(body, State.PROPOSING, Exchange(body.originating, leg, proposal), now)


def answer_caller(body: CallBody, media: Media, now: float) -> None:
    """The caller is answered: from here on the call is up (and may cost money)."""
    caller = body.originating
    caller.phase, caller.heard = LegPhase.ANSWERED, media
    body.answered_since = now
    begin_limit(body, now)
    body.say(Answer(caller.number, media))


def await_answer(body: CallBody, state: State, exchange: Exchange, now: float) -> None:
    """An offer is out: nothing else is negotiated until its answer."""
    body.exchange = exchange
    body.timers["exchange"] = now + EXCHANGE_BOUND_S
    body.move(state)


def on_reoffered(body: CallBody, event: Reoffered, now: float) -> None:
    """CONNECTED: a party wants other media; the other party decides."""
    other = body.opposite(event.leg)
    if other is None:
        on_offer_of_the_dead(body, event, now)
        return
    asker = body.legs[event.leg]
    if event.offer is None:
        _propose(body, asker, other, now)
    else:
        body.say(Reoffer(other.number, event.offer))
        await_answer(body, State.REOFFERING, Exchange(asker, other, event.offer), now)


def on_glare(body: CallBody, event: Reoffered, now: float) -> None:
    """An offer met another one, or came before the call was answered."""
    leg = body.legs.get(event.leg)
    if leg is None or leg.phase in (LegPhase.ENDING, LegPhase.GONE):
        on_offer_of_the_dead(body, event, now)
    else:
        body.say(RefuseReoffer(event.leg, REQUEST_PENDING))


def on_answer(body: CallBody, event: ReofferAnswered, now: float) -> None:
    """REOFFERING: the answer goes back to whoever asked, if it is news there."""
    exchange = body.exchange
    if exchange is None or event.leg != exchange.other.number:
        return
    asker, offer, answer = exchange.asker, exchange.offer, event.answer
    _learn(exchange.other, offer, answer)
    _conclude(body)
    if asker is None:
        return
    if not exchange.is_asker_served:
        asker.media, asker.heard, asker.wish = offer, answer, offer.direction
        body.say(AcceptReoffer(asker.number, answer))
    elif _is_news(asker, answer):
        offer_again(body, asker, answer, now)


def offer_again(body: CallBody, leg: CallLeg, media: Media, now: float) -> None:
    """Offer this to a party on behalf of its counterpart, who has said so already."""
    body.say(Reoffer(leg.number, media))
    await_answer(body, State.REOFFERING, Exchange(None, leg, media), now)


def on_refusal(body: CallBody, event: ReofferRefused, _now: float) -> None:
    """REOFFERING: nothing changes; whoever asked learns why (RFC 3261 §14.1)."""
    exchange = body.exchange
    if exchange is None or event.leg != exchange.other.number:
        return
    if exchange.waiting is not None:
        body.say(RefuseReoffer(exchange.waiting.number, event.status))
    _conclude(body)


def on_proposal_answered(body: CallBody, event: ReofferAnswered, now: float) -> None:
    """PROPOSING: the party that offered nothing chose; the other hears of it where it matters."""
    exchange = body.exchange
    if exchange is None or exchange.asker is None or event.leg != exchange.asker.number:
        return
    asker, other = exchange.asker, exchange.other
    _learn(asker, exchange.offer, event.answer)
    _conclude(body)
    if other.phase is LegPhase.OFFERED:
        other.phase = LegPhase.ANSWERED
        other.heard = event.answer
        body.say(Answer(other.number, event.answer))
    elif _is_news(other, event.answer) or _is_unconfirmed(exchange, event.answer):
        body.say(Reoffer(other.number, event.answer))
        told = Exchange(asker, other, event.answer, is_asker_served=True)
        await_answer(body, State.REOFFERING, told, now)


def on_proposal_refused(body: CallBody, event: ReofferRefused, now: float) -> None:
    """PROPOSING: no answer came of it; a call that never had media is over."""
    exchange = body.exchange
    if exchange is not None and exchange.asker is body.legs.get(event.leg):
        _abandon(body, exchange, Cause.INCOMPATIBLE, now)


def on_exchange_overdue(body: CallBody, now: float) -> None:
    """A leg owes an answer for longer than its protocol allows."""
    exchange = body.exchange
    assert exchange is not None
    if body.state is State.PROPOSING:
        _abandon(body, exchange, Cause.NO_RESPONSE, now)
        return
    if exchange.waiting is not None:
        body.say(RefuseReoffer(exchange.waiting.number, SERVER_TIME_OUT))
    _conclude(body)


def on_digit(body: CallBody, event: DigitReceived, _now: float) -> None:
    """A key by INFO is told to the other party; one by RFC 4733 went with the media."""
    other = body.opposite(event.leg)
    if other is not None and not event.is_in_band:
        body.say(SendDigit(other.number, event.digit, event.duration_ms))


def _propose(body: CallBody, asker: CallLeg, other: CallLeg, now: float) -> None:
    """Offer the other party's media as that party itself would have it, so that a hold can end."""
    if other.media is None:
        body.say(RefuseReoffer(asker.number, NO_SUCH_DIALOG))
        return
    proposal = replace(other.media, direction=other.wish)
    body.say(AcceptReoffer(asker.number, proposal))
    await_answer(body, State.PROPOSING, Exchange(asker, other, proposal), now)


def _learn(leg: CallLeg, offer: Media, answer: Media) -> None:
    """Keep what a party answered; only an offer to talk both ways shows what it wants itself."""
    leg.media, leg.heard = answer, offer
    if offer.direction is Direction.SENDRECV:
        leg.wish = answer.direction


def _is_news(leg: CallLeg, media: Media) -> bool:
    """True when the party must be told of this description of its counterpart."""
    if leg.media is None or leg.heard is None:
        return True
    return changes_talk(leg.media, leg.heard, media)


def _is_unconfirmed(exchange: Exchange, answer: Media) -> bool:
    """True when we proposed more than the other party said last, and it was taken up."""
    said = exchange.other.media
    return said is None or changes_talk(answer, exchange.offer, said)


def _abandon(body: CallBody, exchange: Exchange, cause: Cause, now: float) -> None:
    if exchange.asker is not None and exchange.asker.media is None:
        end(body, cause, now)
    else:
        _conclude(body)


def _conclude(body: CallBody) -> None:
    body.exchange = None
    body.timers.pop("exchange", None)
    body.move(State.CONNECTED)
