"""Every live call with its legs, its counts and its journal: the switchboard's memory.

Owns the tables call_ref -> call and leg -> call, the counts that routing asks for (live/counts.py),
and what the journal will fold. Knows nothing of what events mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from appliance.call import leg as vocabulary
from appliance.call.call import Call
from appliance.call.journal import Entry, LegMeasured, fold
from appliance.call.leg import (
    FLASH,
    Dial,
    LegEvent,
    Offered,
    PhoneDestination,
    TrunkDestination,
)
from appliance.call.record import CallRecord
from appliance.clock import Alarm, Clock
from appliance.config.model import Snapshot
from appliance.legs.app import AppLeg
from appliance.legs.lines.analog import AnalogLeg
from appliance.legs.quality import quality_of
from appliance.legs.sip_leg import SipLeg
from appliance.live.choices import LiveChoices
from appliance.live.counts import LiveCounts
from appliance.live.view import shown_call
from appliance.routing.decision import CallRequest, Decision, LiveState, OutboundCall
from appliance.spending.spending import Spending, SpentNow

Leg = SipLeg | AnalogLeg | AppLeg


_CLOCK_STEP_S = 2.0


class JournalStore(Protocol):
    """Where rows go (store/writer.py)."""

    def begin(self, call_ref: str, started_at: float, summary: Mapping[str, str]) -> object: ...
    def append(self, record: CallRecord) -> object: ...
    def clock_was_set(self, by_s: float) -> object: ...


@dataclass(slots=True)
class LiveCall:
    """One call that is alive. started: monotonic seconds."""

    call: Call
    offered: Offered
    started: float
    legs: dict[int, Leg] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    decision: Decision | None = None
    alarm: Alarm | None = None
    deadline: float | None = None
    is_finished: bool = False
    is_noted: bool = True  # in the journal

    @property
    def snapshot(self) -> Snapshot:
        return self.call.snapshot

    def log(self, now: float, item: Any) -> None:
        """Keep an input or an output for the journal's fold."""
        self.entries.append(Entry(now, item))

    def apps(self) -> list[AppLeg]:
        return [leg for leg in self.legs.values() if isinstance(leg, AppLeg)]

    def silence_apps(self) -> None:
        """Another party takes the caller: apps let go of his stream."""
        for app in self.apps():
            app.release()

    def tells_line(self, number: int, digit: str) -> bool:
        """Whether this leg talks by a line that must be told of this key: a flash is no sound, and
        no sound of a key gets through a cellular network, whose device makes keys itself. Other
        keys get to lines by the media core."""
        leg = self.legs.get(number)
        lines = (g for g in self.legs.values() if isinstance(g, AnalogLeg) and g is not leg)
        return any(line.partner is leg and (line.makes_keys or digit == FLASH) for line in lines)

    def is_media_dead(self) -> bool:
        """True when parties are answered and none of them was heard for media_timeout_s."""
        limit = self.snapshot.document.site.media_timeout_s
        legs = (g for g in self.legs.values() if isinstance(g, SipLeg) and g.is_talking)
        silent = [leg.silent_s() for leg in legs]
        return bool(silent) and all(s > limit for s in silent)


@dataclass(frozen=True, slots=True)
class LiveParts:
    """Tools of the tables. decide: routing's one function with today's time bound to it; today: the
    date at the site; begins: told each leg as it becomes a call's."""

    clock: Clock
    journal: JournalStore
    snapshot: Callable[[str], Snapshot]
    is_guest: Callable[[str], bool]
    new_ref: Callable[[], str]
    decide: Callable[[CallRequest, Snapshot, LiveState], Decision]
    bindings: Callable[[], Mapping[str, tuple[str, ...]]]
    down: Callable[[], Mapping[str, str]]
    today: Callable[[], date]
    begins: Callable[[object], None]


class LiveCalls:
    """The tables of the switchboard."""

    def __init__(self, parts: LiveParts) -> None:
        self.by_ref: dict[str, LiveCall] = {}
        self.counts = LiveCounts()
        self.spending = Spending()
        self.choices = LiveChoices()
        self._parts = parts
        self._by_leg: dict[int, LiveCall] = {}
        self._next_leg = 0

    def leg_number(self) -> int:
        """A number that no other leg of this run has."""
        self._next_leg += 1
        return self._next_leg

    def begin(self, leg: SipLeg | AnalogLeg, offered: Offered) -> LiveCall:
        """A new call with its originating leg; the journal knows of it before anything rings."""
        clock = self._parts.clock
        snapshot = self._parts.snapshot(offered.extension)
        call = Call(self._parts.new_ref(), snapshot, self.leg_number, started_at=clock.wall())
        live = LiveCall(call, offered, clock.now())
        self.by_ref[call.call_ref] = live
        self.add_leg(live, leg.number, leg)
        live.is_noted = not self._parts.is_guest(offered.extension)
        self._note(live)
        return live

    def _note(self, live: LiveCall, **more: str) -> None:
        """What the journal is to know of the call if it is cut."""
        if live.is_noted:
            offered, call = live.offered, live.call
            summary = {"caller": offered.caller.number, "dialled": offered.dialled, **more}
            self._parts.journal.begin(call.call_ref, call.started_at, summary)

    def add_leg(self, live: LiveCall, number: int, leg: Leg | None) -> None:
        """A leg of this call; None for one that could not even be made."""
        self._by_leg[number] = live
        live.numbers.append(number)
        if leg is not None:
            live.legs[number] = leg
            self._parts.begins(leg)

    def end(self, live: LiveCall) -> None:
        """The call is over: measure, fold, write, forget."""
        live.is_finished = True
        if live.alarm is not None:
            live.alarm.cancel()
        live.silence_apps()
        for leg in live.legs.values():
            self._release(live, leg)
        for number in live.numbers:
            if self._by_leg.get(number) is live:  # a leg that was picked up is another call's
                del self._by_leg[number]
                self.counts.over(number)
        del self.by_ref[live.call.call_ref]
        record = self._fold(live)
        self.spending.over(record.call_ref, record.talk_s, self._parts.clock.now())
        if live.is_noted:
            self._parts.journal.append(record)

    def _release(self, live: LiveCall, leg: Leg) -> None:
        """Note what was measured on a leg that is over, and give its ports back."""
        statistics = leg.statistics()
        if statistics is not None:
            measured = LegMeasured(leg.number, quality_of(statistics))
            live.log(self._parts.clock.now(), measured)
        leg.release()

    def _fold(self, live: LiveCall) -> CallRecord:
        """The call's row as it stands now."""
        call = live.call
        revision = call.snapshot.revision
        return fold(call.call_ref, self._began_at(live), live.entries, revision=revision)

    def _began_at(self, live: LiveCall) -> float:
        """When the call began by the clock of now, which may have been set meanwhile: durations are
        monotonic, and the row shall stand where people look for it."""
        clock = self._parts.clock
        by_now = clock.wall() - (clock.now() - live.started)
        said = live.call.started_at
        return by_now if abs(by_now - said) > _CLOCK_STEP_S else said

    def move_leg(self, leg: SipLeg | AnalogLeg, source: LiveCall, target: LiveCall) -> None:
        """A picked-up call gets the picker's leg."""
        del source.legs[leg.number]
        self.add_leg(target, leg.number, leg)
        self.counts.extension_moves(leg.number, target.call.call_ref)
        self.counts.touch(target.numbers)

    @property
    def legs_alive(self) -> int:
        """Legs of all live calls."""
        return len(self._by_leg)

    def call_of_leg(self, number: int) -> LiveCall | None:
        return self._by_leg.get(number)

    def shown(self) -> list[dict[str, Any]]:
        """Every live call as plain data, oldest first (docs/control.md, ``calls``)."""
        now = self._parts.clock.now()
        return [shown_call(live.call, live.started, now) for live in self.by_ref.values()]

    # ---- what routing asks for

    def decide(self, live: LiveCall, request: CallRequest) -> Decision:
        """The call's way by the snapshot that it began with; its caller counts from now on."""
        offered, call_ref = live.offered, live.call.call_ref
        is_first = live.decision is None
        if is_first and offered.trunk:  # no way out has the place that it takes
            call = OutboundCall(call_ref, live.started, is_emergency=False)
            self.counts.trunk_joins(offered.leg, offered.trunk, call)
        decision = live.decision = self._parts.decide(request, live.snapshot, self.state())
        if not is_first:  # what was to be paid for could not be had
            self.spending.over(call_ref, 0.0, self._parts.clock.now())
        if (payment := decision.payment) is not None:
            self.spending.begin(call_ref, payment, self._parts.clock.now())
            if payment.payer != offered.extension:
                self._note(live, payer=payment.payer, number=decision.number)
        if not is_first:
            return decision
        self.choices.follow(offered.extension, decision, self._parts.clock.now())
        if offered.extension:
            self.counts.extension_joins(offered.leg, offered.extension, call_ref)
        return decision

    def state(self) -> LiveState:
        """What routing may know of this moment."""
        return LiveState(
            bindings=self._parts.bindings(),
            extension_calls=self.counts.extension_calls,
            trunk_calls=self.counts.trunk_calls,
            down=self._parts.down(),
            ringing=self.counts.ringing(),
            spent=SpentNow(self.spending, self._parts.clock.now(), self._parts.today),
            chosen=self.choices.at(self._parts.clock.now()),
        )

    def days_used_up(self) -> tuple[list[LiveCall], list[tuple[LiveCall, bool]]]:
        """Calls that go on though their payer has used up his day; and those to be warned that he
        will have, with whether it is for the last time."""
        now, today = self._parts.clock.now(), self._parts.today()
        over = [self.by_ref[r] for r in self.spending.overdrawn(now, today) if r in self.by_ref]
        near = self.spending.running_out(now, today)
        return over, [(self.by_ref[ref], is_last) for ref, is_last in near if ref in self.by_ref]

    def count_dial(self, live: LiveCall, command: Dial) -> None:
        """One more leg takes part."""
        now = self._parts.clock.now()
        match command.destination:
            case PhoneDestination(extension=extension):
                ref = live.call.call_ref
                self.counts.extension_rings(command.leg, extension, ref, now)
            case TrunkDestination(trunk=trunk):
                is_emergency = live.decision is not None and live.decision.is_emergency
                call = OutboundCall(live.call.call_ref, live.started, is_emergency)
                self.counts.trunk_joins(command.leg, trunk, call)

    def note_event(self, live: LiveCall, event: LegEvent) -> None:
        """A leg answered or is gone; a phone that lost the race keeps no port."""
        if isinstance(event, vocabulary.Answered):
            self.counts.answered(event.leg)
            self.counts.touch(live.numbers)
            self.spending.answered(live.call.call_ref, self._parts.clock.now())
        elif isinstance(event, (vocabulary.Failed, vocabulary.Ended)):
            self.counts.over(event.leg)
            leg = live.legs.get(event.leg)
            if isinstance(leg, SipLeg) and leg.number != live.call.body.offered.leg:
                self._release(live, leg)
