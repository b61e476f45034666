"""The live tables session -> leg -> call: events in, commands out. No SIP grammar, no SQL, no
policy.

Owns every live call and leg. A leg's event is handed to its call; what the call asks for goes back
to its legs, to routing, to the journal, in order, without recursion. Counts that routing wants to
know (calls per extension and per trunk) are kept here as calls come and go.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from appliance.call import leg as vocabulary
from appliance.call.inputs import (
    Alert,
    AskRouting,
    CallInput,
    Finished,
    GiveLegTo,
    HangUpRequested,
    MediaLost,
    PickedUp,
    Preempt,
    Routed,
)
from appliance.call.leg import Cause, LegEvent, Offered
from appliance.clock import Alarm
from appliance.errors import DozvonError
from appliance.legs.app import AppLeg
from appliance.legs.factory import LegFactory
from appliance.legs.lines.analog import AnalogLeg
from appliance.legs.sip_leg import SipLeg
from appliance.live.call_log import CallLog
from appliance.live.calls import LiveCall, LiveCalls
from appliance.live.making_room import who_makes_room
from appliance.media.api import KeyPressed, MediaEvent, PlayEnded
from appliance.spending.spending import ROUND_S

log = logging.getLogger(__name__)


class Switchboard:
    """Carries every call. factory makes legs; live keeps the tables and writes the journal."""

    def __init__(
        self, factory: LegFactory, live: LiveCalls, alert: Callable[[str, str], None]
    ) -> None:
        self._factory = factory
        self._live = live
        self._alert = alert
        self._clock = factory.parts.clock
        self._sessions: dict[int, SipLeg] = {}
        self._queue: deque[tuple[LiveCall, CallInput]] = deque()
        self._is_busy = False
        self._media_alarm: Alarm | None = None
        self._call_log = CallLog(self._clock, log)

    def start(self) -> None:
        self._media_alarm = self._clock.call_later(ROUND_S, self._media_round)

    def close(self) -> None:
        if self._media_alarm is not None:
            self._media_alarm.cancel()
        self._call_log.close()

    # ---- what comes in

    def adopt(self, leg: SipLeg, offered: Offered) -> None:
        """A caller was admitted: his call begins."""
        self._sessions[leg.session] = leg
        self.adopt_line(leg, offered)

    def adopt_line(self, leg: SipLeg | AnalogLeg, offered: Offered) -> None:
        """A telephone on our wires dialled, or a line rings: the call begins."""
        live = self._live.begin(leg, offered)
        self._submit(live, offered)

    def on_session_event(self, event: Any) -> None:
        """An event of the SIP endpoint that belongs to a session."""
        if leg := self._sessions.get(event.session):
            leg.on_event(event)

    def on_leg_event(self, event: LegEvent) -> None:
        """A leg tells its call something; what a leg of no call tells is nobody's."""
        live = self._live.call_of_leg(event.leg)
        if live is not None:
            self._live.note_event(live, event)
            self._submit(live, event)

    def on_media_event(self, event: MediaEvent) -> None:
        leg = self._factory.parts.leg_of_stream.get(event.stream)
        if leg is None:
            return
        live = self._live.call_of_leg(leg)
        if isinstance(event, KeyPressed):
            is_in_band = live is None or not live.tells_line(leg, event.digit)
            key = vocabulary.DigitReceived(leg, event.digit, event.duration_ms, is_in_band)
            self._keys_to_apps(live, event.digit)
            self.on_leg_event(key)
        elif isinstance(event, PlayEnded) and live is not None:
            for app in live.apps():
                app.on_play_ended()

    def hang_up(self, call_ref: str, cause: Cause) -> bool:
        """End a call from outside; False when there is no such call."""
        live = self._live.by_ref.get(call_ref)
        if live is not None:
            self._submit(live, HangUpRequested(cause))
        return live is not None

    def preempt(self, call_ref: str) -> bool:
        """Drop a call for an emergency, at once: its BYE has to go, and its ports have to be free,
        before the INVITE that takes its place. False when it is not over by that, or is none."""
        victim = self._live.by_ref.get(call_ref)
        if victim is None:
            return False
        self._handle(victim, HangUpRequested(Cause.PREEMPTED))
        while told := [each for each in self._queue if each[0] is victim]:
            self._queue = deque([each for each in self._queue if each[0] is not victim])
            for each in told:
                self._handle(*each)
        return victim.is_finished

    def hang_up_all(self, cause: Cause) -> int:
        """End every call; returns how many there were."""
        calls = list(self._live.by_ref.values())
        for live in calls:
            self._submit(live, HangUpRequested(cause))
        return len(calls)

    @property
    def sessions_alive(self) -> int:
        """SIP sessions that have a leg."""
        return len(self._sessions)

    @property
    def sip_legs(self) -> Iterable[SipLeg]:
        """Every leg that has a SIP session."""
        return self._sessions.values()

    # ---- the pump

    def _submit(self, live: LiveCall, item: CallInput) -> None:
        self._queue.append((live, item))
        self._drain()

    def _drain(self) -> None:
        """Work off what waits, in its order: an answer of routing comes before what legs tell."""
        if self._is_busy or not self._queue:
            return
        self._is_busy = True
        try:
            while self._queue:
                self._handle(*self._queue.popleft())
        finally:
            self._is_busy = False
            self._factory.parts.wake()

    def _handle(self, live: LiveCall, item: CallInput) -> None:
        if live.is_finished:
            return
        now = self._clock.now()
        live.log(now, item)
        try:
            outputs = live.call.handle(item, now)
            self._carry_out(live, outputs)
        except DozvonError:
            log.exception("call %s: our own defect, the call is released", live.call.call_ref)
            self._break_off(live)
        self._arm(live)

    def _carry_out(self, live: LiveCall, outputs: Sequence[Any]) -> None:
        now = self._clock.now()
        for output in outputs:
            live.log(now, output)
            act = _OUTPUTS.get(type(output))
            if act is not None:
                act(self, live, output)
            elif leg := live.legs.get(output.leg):
                leg.execute(output)

    # ---- timers of a call

    def _arm(self, live: LiveCall) -> None:
        deadline = None if live.is_finished else live.call.next_timeout()
        if deadline == live.deadline:
            return
        if live.alarm is not None:
            live.alarm.cancel()
        live.deadline, live.alarm = deadline, None
        if deadline is not None:
            delay = max(0.0, deadline - self._clock.now())
            live.alarm = self._clock.call_later(delay, lambda: self._on_timer(live))

    def _on_timer(self, live: LiveCall) -> None:
        live.alarm = live.deadline = None
        if live.is_finished:
            return
        was_busy, self._is_busy = self._is_busy, True
        try:
            self._carry_out(live, live.call.handle_timeout(self._clock.now()))
        except DozvonError:
            log.exception("call %s: our own defect, the call is released", live.call.call_ref)
            self._break_off(live)
        finally:
            self._is_busy = was_busy
        self._arm(live)
        self._drain()
        self._factory.parts.wake()

    # ---- what calls ask for

    def _dial(self, live: LiveCall, command: vocabulary.Dial) -> None:
        if taken := who_makes_room(command, live.snapshot, self._live.counts.trunk_calls):
            self.preempt(taken)
        self._live.count_dial(live, command)
        leg = self._factory.dial(command, live.snapshot, partial(self._live.add_leg, live))
        if isinstance(leg, SipLeg) and leg.session:
            self._sessions[leg.session] = leg
            leg.on_new_session = lambda old, new: self._switch(leg, old, new)

    def _switch(self, leg: SipLeg, old: int, new: int) -> None:
        self._sessions.pop(old, None)
        self._sessions[new] = leg

    def _bridge(self, live: LiveCall, command: vocabulary.Bridge) -> None:
        leg, other = live.legs.get(command.leg), live.legs.get(command.other)
        if isinstance(leg, SipLeg) and isinstance(other, SipLeg):
            live.silence_apps()
            leg.media.open().connect(other.media.open())
        elif isinstance(other, AppLeg) and isinstance(leg, SipLeg):
            other.attach(leg.media.open())
        elif isinstance(other, AppLeg) and isinstance(leg, AnalogLeg):
            leg.attach(other.attach)
        elif isinstance(leg, AnalogLeg) and isinstance(other, SipLeg | AnalogLeg):
            live.silence_apps()
            leg.bridge(other)
        elif isinstance(leg, SipLeg) and isinstance(other, AnalogLeg):
            live.silence_apps()
            other.bridge(leg)

    def _route(self, live: LiveCall, output: AskRouting) -> None:
        decision = self._live.decide(live, output.request)
        self._queue.appendleft((live, Routed(decision)))

    def _give_leg(self, live: LiveCall, output: GiveLegTo) -> None:
        target = self._live.by_ref.get(output.call_ref)
        leg = live.legs.get(output.leg)
        offered = live.offered
        if target is None or offered.offer is None or leg is None or isinstance(leg, AppLeg):
            self._queue.append((live, HangUpRequested(Cause.NOT_FOUND)))
            return
        self._live.move_leg(leg, live, target)
        picked = PickedUp(leg.number, offered.offer, offered.extension, output.replaces)
        self._queue.append((target, picked))

    def _finish(self, live: LiveCall, output: Finished) -> None:
        for leg in live.legs.values():
            if isinstance(leg, SipLeg):
                self._sessions.pop(leg.session, None)
        self._call_log.note(live.call)
        self._live.end(live)

    def _break_off(self, live: LiveCall) -> None:
        """Our own defect in one call: end its legs as well as can be, keep the box alive."""
        for leg in live.legs.values():
            try:
                leg.execute(vocabulary.HangUp(leg.number, Cause.INTERNAL))
            except DozvonError:
                log.exception("leg %d would not end", leg.number)
        self._finish(live, Finished())

    # ---- media

    def _keys_to_apps(self, live: LiveCall | None, digit: str) -> None:
        if live is not None:
            for app in live.apps():
                app.on_key(digit)

    def _media_round(self) -> None:
        """Calls on which nothing was heard either way for media_timeout_s are dead; those whose
        payer has used up his day (by several calls at once) are over."""
        self._media_alarm = self._clock.call_later(ROUND_S, self._media_round)
        for live in list(self._live.by_ref.values()):
            if live.is_media_dead():
                self._submit(live, MediaLost())
        used_up, running_out = self._live.days_used_up()
        for live in used_up:
            self._submit(live, HangUpRequested(Cause.LIMIT))
        for live, is_last in running_out:
            self._carry_out(live, [vocabulary.Warn(live.call.body.offered.leg, is_last)])


_OUTPUTS: dict[type[Any], Callable[[Switchboard, LiveCall, Any], object]] = {
    vocabulary.Dial: Switchboard._dial,
    vocabulary.Bridge: Switchboard._bridge,
    AskRouting: Switchboard._route,
    Preempt: lambda board, live, output: board.preempt(output.call_ref),
    GiveLegTo: Switchboard._give_leg,
    Alert: lambda board, live, output: board._alert(output.key, output.detail),
    Finished: Switchboard._finish,
}
