"""One call between any two legs: the table of what happens on each input in each state.

PURE. A back-to-back user agent (RFC 7092) without any protocol: it hears LegEvents and CallInputs,
and says LegCommands and requests to the switchboard. The rules are neighbours of this file, one per
chapter of a call's life; the picture of states is body.State.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from appliance.call.announcing import on_announcement_over, on_words, on_words_over
from appliance.call.body import CallBody, State, Transition
from appliance.call.ending import (
    finish,
    ignore,
    on_hang_up_requested,
    on_late_answer,
    on_leg_gone,
    on_media_lost,
    on_offer_of_the_dead,
    on_party_gone,
    on_too_late_to_pick_up,
)
from appliance.call.hunting import (
    on_answered,
    on_ended,
    on_failed,
    on_given,
    on_gone_meanwhile,
    on_offered,
    on_progressed,
    on_ring_time_over,
    on_routed,
    on_trying,
    on_way_silent,
)
from appliance.call.inputs import (
    CallInput,
    CallOutput,
    HangUpRequested,
    MediaLost,
    PickedUp,
    Routed,
)
from appliance.call.leg import (
    Answered,
    DigitReceived,
    Ended,
    Failed,
    Offered,
    Progressed,
    ReofferAnswered,
    Reoffered,
    ReofferRefused,
    Trying,
)
from appliance.call.length import on_limit, on_warning
from appliance.call.media_exchange import (
    on_answer,
    on_digit,
    on_exchange_overdue,
    on_glare,
    on_proposal_answered,
    on_proposal_refused,
    on_refusal,
    on_reoffered,
)
from appliance.call.pick_up import on_picked_up, on_taken_over
from appliance.config.model import Snapshot
from appliance.errors import LocalProtocolError

Row = Callable[[CallBody, Any, float], None]


class Call:
    """A live call; it keeps the configuration snapshot that it started with.

    leg_numbers gives a number that no other leg of the box has; started_at: seconds since the
    epoch. ``body`` is for those who look (summary, tests) and changed by nobody else.
    """

    __slots__ = ("body", "call_ref", "snapshot", "started_at")

    def __init__(
        self,
        call_ref: str,
        snapshot: Snapshot,
        leg_numbers: Callable[[], int],
        *,
        started_at: float = 0.0,
    ) -> None:
        self.call_ref = call_ref
        self.snapshot = snapshot
        self.started_at = started_at
        self.body = CallBody(call_ref, leg_numbers)

    @property
    def state(self) -> State:
        return self.body.state

    def handle(self, item: CallInput, now: float) -> list[CallOutput]:
        """What is to be done about this input, in order; the first is Offered.

        Raises LocalProtocolError for an input that this state forbids: a defect of ours.
        """
        row = TABLE.get((self.body.state, type(item)))
        if row is None:
            what = f"{type(item).__name__} in state {self.body.state.value}"
            raise LocalProtocolError(f"call {self.call_ref}: {what}")
        row(self.body, item, now)
        return self._take_outputs()

    def next_timeout(self) -> float | None:
        """When handle_timeout wants to be called next (monotonic seconds)."""
        timers = self.body.timers
        return min(timers.values()) if timers else None

    def handle_timeout(self, now: float) -> list[CallOutput]:
        """Act on every timer that is due."""
        body = self.body
        while body.timers:
            name = min(body.timers, key=body.timers.__getitem__)
            if body.timers[name] > now:
                break
            del body.timers[name]
            TIMEOUTS[name](body, now)
        return self._take_outputs()

    def take_transitions(self) -> list[Transition]:
        """The changes of state since the last call, for the log."""
        taken, self.body.transitions = self.body.transitions, []
        return taken

    def _take_outputs(self) -> list[CallOutput]:
        taken, self.body.outputs = self.body.outputs, []
        return taken


#: What each timer does when it fires; a state that leaves its timers behind clears them.
TIMEOUTS: dict[str, Callable[[CallBody, float], None]] = {
    "no_answer": on_way_silent,
    "ring": on_ring_time_over,
    "announcement": on_announcement_over,
    "given": on_given,
    "exchange": on_exchange_overdue,
    "limit": on_limit,
    "warning": on_warning,
    "end": finish,
}

#: Every input that a state may meet; a pair that is not here is a defect of ours.
TABLE: dict[tuple[State, type[Any]], Row] = {
    (State.NEW, Offered): on_offered,
    (State.ROUTING, Routed): on_routed,
    (State.ROUTING, Reoffered): on_glare,
    (State.ROUTING, ReofferAnswered): ignore,
    (State.ROUTING, ReofferRefused): ignore,
    (State.ROUTING, DigitReceived): ignore,
    (State.ROUTING, Ended): on_gone_meanwhile,
    (State.ROUTING, Failed): on_gone_meanwhile,
    (State.ROUTING, MediaLost): ignore,
    (State.ROUTING, HangUpRequested): on_hang_up_requested,
    (State.ROUTING, PickedUp): on_too_late_to_pick_up,
    (State.HUNTING, Trying): on_trying,
    (State.HUNTING, Progressed): on_progressed,
    (State.HUNTING, Answered): on_answered,  # RFC 3261 §16.7 step 10
    (State.HUNTING, Failed): on_failed,
    (State.HUNTING, Ended): on_ended,  # RFC 3261 §9.2
    (State.HUNTING, Reoffered): on_glare,
    (State.HUNTING, ReofferAnswered): ignore,
    (State.HUNTING, ReofferRefused): ignore,
    (State.HUNTING, DigitReceived): on_digit,  # RFC 6086
    (State.HUNTING, MediaLost): ignore,
    (State.HUNTING, HangUpRequested): on_hang_up_requested,
    (State.HUNTING, PickedUp): on_picked_up,
    (State.GIVING, Trying): ignore,
    (State.GIVING, Progressed): ignore,
    (State.GIVING, Answered): on_late_answer,
    (State.GIVING, Failed): on_failed,
    (State.GIVING, Ended): on_ended,
    (State.GIVING, Reoffered): on_glare,
    (State.GIVING, ReofferAnswered): ignore,
    (State.GIVING, ReofferRefused): ignore,
    (State.GIVING, DigitReceived): ignore,
    (State.GIVING, MediaLost): ignore,
    (State.GIVING, HangUpRequested): on_hang_up_requested,
    (State.GIVING, PickedUp): on_too_late_to_pick_up,
    (State.ANNOUNCING, Trying): ignore,
    (State.ANNOUNCING, Progressed): on_words,
    (State.ANNOUNCING, Answered): on_words,
    (State.ANNOUNCING, Failed): on_words_over,
    (State.ANNOUNCING, Ended): on_words_over,
    (State.ANNOUNCING, Reoffered): on_glare,
    (State.ANNOUNCING, ReofferAnswered): ignore,
    (State.ANNOUNCING, ReofferRefused): ignore,
    (State.ANNOUNCING, DigitReceived): ignore,
    (State.ANNOUNCING, MediaLost): ignore,
    (State.ANNOUNCING, HangUpRequested): on_hang_up_requested,
    (State.ANNOUNCING, PickedUp): on_too_late_to_pick_up,
    (State.CONNECTED, Trying): ignore,
    (State.CONNECTED, Progressed): ignore,
    (State.CONNECTED, Answered): on_late_answer,
    (State.CONNECTED, Failed): on_party_gone,
    (State.CONNECTED, Ended): on_party_gone,
    (State.CONNECTED, Reoffered): on_reoffered,  # RFC 3264 §8
    (State.CONNECTED, ReofferAnswered): ignore,
    (State.CONNECTED, ReofferRefused): ignore,
    (State.CONNECTED, DigitReceived): on_digit,  # RFC 6086
    (State.CONNECTED, MediaLost): on_media_lost,
    (State.CONNECTED, HangUpRequested): on_hang_up_requested,
    (State.CONNECTED, PickedUp): on_taken_over,  # RFC 3891 §3
    (State.REOFFERING, Trying): ignore,
    (State.REOFFERING, Progressed): ignore,
    (State.REOFFERING, Answered): on_late_answer,
    (State.REOFFERING, Failed): on_party_gone,
    (State.REOFFERING, Ended): on_party_gone,
    (State.REOFFERING, Reoffered): on_glare,  # RFC 3261 §14.2
    (State.REOFFERING, ReofferAnswered): on_answer,  # RFC 3264 §8
    (State.REOFFERING, ReofferRefused): on_refusal,  # RFC 3261 §14.1
    (State.REOFFERING, DigitReceived): on_digit,
    (State.REOFFERING, MediaLost): on_media_lost,
    (State.REOFFERING, HangUpRequested): on_hang_up_requested,
    (State.REOFFERING, PickedUp): on_too_late_to_pick_up,
    (State.PROPOSING, Trying): ignore,
    (State.PROPOSING, Progressed): ignore,
    (State.PROPOSING, Answered): on_late_answer,
    (State.PROPOSING, Failed): on_party_gone,
    (State.PROPOSING, Ended): on_party_gone,
    (State.PROPOSING, Reoffered): on_glare,  # RFC 3261 §14.2
    (State.PROPOSING, ReofferAnswered): on_proposal_answered,  # RFC 6337 §3.1
    (State.PROPOSING, ReofferRefused): on_proposal_refused,
    (State.PROPOSING, DigitReceived): on_digit,
    (State.PROPOSING, MediaLost): on_media_lost,
    (State.PROPOSING, HangUpRequested): on_hang_up_requested,
    (State.PROPOSING, PickedUp): on_too_late_to_pick_up,
    (State.ENDING, Trying): ignore,
    (State.ENDING, Progressed): ignore,
    (State.ENDING, Answered): on_late_answer,  # RFC 3261 §9.1
    (State.ENDING, Failed): on_leg_gone,
    (State.ENDING, Ended): on_leg_gone,
    (State.ENDING, Reoffered): on_offer_of_the_dead,
    (State.ENDING, ReofferAnswered): ignore,
    (State.ENDING, ReofferRefused): ignore,
    (State.ENDING, DigitReceived): ignore,
    (State.ENDING, MediaLost): ignore,
    (State.ENDING, HangUpRequested): ignore,
    (State.ENDING, PickedUp): on_too_late_to_pick_up,
    (State.FINISHED, Trying): ignore,
    (State.FINISHED, Progressed): ignore,
    (State.FINISHED, Answered): ignore,
    (State.FINISHED, Failed): ignore,
    (State.FINISHED, Ended): ignore,
    (State.FINISHED, Reoffered): ignore,
    (State.FINISHED, ReofferAnswered): ignore,
    (State.FINISHED, ReofferRefused): ignore,
    (State.FINISHED, DigitReceived): ignore,
    (State.FINISHED, MediaLost): ignore,
    (State.FINISHED, HangUpRequested): ignore,
    (State.FINISHED, PickedUp): on_too_late_to_pick_up,
}
