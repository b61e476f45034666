"""The facts of one live call, and the few moves that every step of it is made of.

PURE. Owns a call's legs, timers and outputs-in-the-making; the rules of what happens when are in
hunting.py, announcing.py, media_exchange.py, pick_up.py and ending.py, the table in call.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from appliance.call.inputs import CallOutput
from appliance.call.leg import Cause, Destination, Dial, HangUp, Offered, Party, Reject
from appliance.routing.decision import CallRequest, Decision, Step
from appliance.sdp.media import Direction, Media


class State(Enum):
    __hash__ = object.__hash__

    NEW = "new"
    ROUTING = "routing"  # AskRouting went out
    HUNTING = "hunting"  # steps of the decision are tried
    GIVING = "giving"  # the caller picks another call up: his leg goes there
    ANNOUNCING = "announcing"  # the caller is told why not, then refused
    CONNECTED = "connected"
    REOFFERING = "reoffering"  # a party was sent an offer; its answer is due
    PROPOSING = "proposing"  # a party that offered nothing was sent our offer; its answer is due
    ENDING = "ending"  # legs were told to end and have not confirmed
    FINISHED = "finished"


class LegPhase(Enum):
    __hash__ = object.__hash__

    OFFERED = "offered"  # a caller whom we have not answered
    DIALLED = "dialled"  # called, silent so far
    ALIVE = "alive"  # some response came
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDING = "ending"  # HangUp went out
    GONE = "gone"


_NOBODY = Offered(0, Party(""), "", None)
_CALLED = (LegPhase.DIALLED, LegPhase.ALIVE, LegPhase.RINGING)


@dataclass(slots=True)
class CallLeg:
    """One party. destination None = it called us.

    media: its last description that is in force; heard: what it was told last; wish: the direction
    that it wants of its own accord: a party which was merely held is not one that holds.
    """

    number: int
    destination: Destination | None
    phase: LegPhase
    media: Media | None = None
    heard: Media | None = None
    wish: Direction = Direction.SENDRECV
    party: str = ""  # who it is, where no destination says so

    @property
    def is_called(self) -> bool:
        """True while it may still answer."""
        return self.phase in _CALLED


@dataclass(frozen=True, slots=True)
class Transition:
    """One change of state, for the log."""

    call_ref: str
    before: State
    after: State


@dataclass(slots=True)
class Exchange:
    """A renegotiation on its way (RFC 3264 §8).

    asker: the leg whose offer (or wish for one) began it, None when it concerns nobody else; other:
    the leg that owes us the answer, or will get the asker's; offer: what was sent; is_asker_served:
    the asker got its answer already and only hears of the outcome where that is news.
    """

    asker: CallLeg | None
    other: CallLeg
    offer: Media
    is_asker_served: bool = False

    @property
    def waiting(self) -> CallLeg | None:
        """The party whose own offer is unanswered as long as this runs."""
        return None if self.is_asker_served else self.asker


@dataclass(slots=True)
class CallBody:
    """A live call.

    leg_numbers gives a number that no other leg of the box has; connected: the leg whose
    media flows to and from the originating one (early media included); cause: why the call ends,
    once known; request: what routing was asked last; blame: the best reason why parties could not
    be had; told: the same of the last one who sent the call on; left_because: the same of ways out
    that were left for the next; has_step_rung: somebody's phone rang in this step.
    """

    call_ref: str
    leg_numbers: Callable[[], int]
    state: State = State.NEW
    offered: Offered = _NOBODY
    legs: dict[int, CallLeg] = field(default_factory=dict)
    connected: CallLeg | None = None
    decision: Decision | None = None
    step: Step | None = None
    steps_taken: int = 0
    has_rung: bool = False
    request: CallRequest | None = None
    has_step_rung: bool = False
    blame: Cause | None = None
    told: Cause | None = None
    left_because: Cause | None = None
    cause: Cause | None = None
    answered_since: float | None = None  # when the caller was answered
    exchange: Exchange | None = None
    timers: dict[str, float] = field(default_factory=dict)
    outputs: list[CallOutput] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)

    @property
    def offer(self) -> Media | None:
        """What the caller offered; None = he wants our offer."""
        return self.offered.offer

    @property
    def originating(self) -> CallLeg:
        """The leg that the call came in by."""
        return self.legs[self.offered.leg]

    @property
    def called(self) -> Iterator[CallLeg]:
        """The legs that may still answer."""
        return (leg for leg in self.legs.values() if leg.is_called)

    def say(self, output: CallOutput) -> None:
        self.outputs.append(output)

    def move(self, state: State) -> None:
        """The one place where a call's state changes."""
        if state is not self.state:
            self.transitions.append(Transition(self.call_ref, self.state, state))
            self.state = state

    def dial(self, destination: Destination, offer: Media | None) -> CallLeg:
        """Call one more party on the caller's behalf."""
        leg = CallLeg(self.leg_numbers(), destination, LegPhase.DIALLED)
        self.legs[leg.number] = leg
        diversion = self.decision.diversion if self.decision is not None else None
        self.say(Dial(leg.number, destination, self.offered.caller, offer, diversion))
        return leg

    def release(self, leg: CallLeg, cause: Cause) -> None:
        """Tell a leg to end; a caller who was not answered is refused and gone at once."""
        if leg.phase is LegPhase.OFFERED:
            self.say(Reject(leg.number, cause))
            leg.phase = LegPhase.GONE
        elif leg.phase not in (LegPhase.ENDING, LegPhase.GONE):
            self.say(HangUp(leg.number, cause))
            leg.phase = LegPhase.ENDING

    def release_called(self, cause: Cause) -> None:
        """Tell every leg that may still answer to end."""
        for leg in list(self.called):
            self.release(leg, cause)

    def opposite(self, number: int) -> CallLeg | None:
        """The party that this leg talks with, or None when it is not one of the two."""
        if self.connected is None:
            return None
        if number == self.originating.number:
            return self.connected
        return self.originating if number == self.connected.number else None
