"""A call on a stage: scripted legs, virtual time, and its outputs as lines of text.

``Stage`` runs one Call as the switchboard would: it answers AskRouting with the scripted decision,
keeps the journal's entries and knows which legs still wait for an end. Leg 1 is the caller, dialled
legs are 2, 3 … in order.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from appliance.call.call import Call
from appliance.call.inputs import (
    Alert,
    AskRouting,
    CallInput,
    CallOutput,
    Finished,
    GiveLegTo,
    Preempt,
    Routed,
)
from appliance.call.journal import Entry, fold
from appliance.call.leg import (
    AcceptReoffer,
    Answer,
    AppDestination,
    Bridge,
    Cause,
    Destination,
    Dial,
    Ended,
    Failed,
    HangUp,
    Offered,
    Party,
    PhoneDestination,
    RefuseReoffer,
    Reject,
    Reoffer,
    Ring,
    SendDigit,
    Warn,
)
from appliance.call.record import CallRecord
from appliance.config.model import DestinationKind, Document, NumberingPlan, Snapshot
from appliance.routing.decision import Decision, RingExtension, Step, UseTrunk, Verdict
from appliance.sdp.codecs import PCMA, PCMU, TELEPHONE_EVENT
from appliance.sdp.media import Direction, Media, MediaKind

OFFER = Media(MediaKind.AUDIO, (PCMA, PCMU, TELEPHONE_EVENT))
ANSWER = Media(MediaKind.AUDIO, (PCMA, TELEPHONE_EVENT))
FAX = Media(MediaKind.IMAGE, (), attributes=("T38FaxVersion:0",))
PHONES = ("hall", "desk")
CALLER = Offered(1, Party("2001", "Anna"), "2002", OFFER, extension="2001")

_NUMBERING = NumberingPlan(
    country="RU",
    country_code="7",
    trunk_prefix="8",
    international_prefix="810",
    national_length=10,
    mobile=("9",),
    premium=(),
    toll_free=(),
    emergency=("112",),
    emergency_after_timer=(),
    emergency_sent_as={},
    zones={},
    zone_names={},
)
SNAPSHOT = Snapshot(7, Document(), _NUMBERING)


def in_direction(media: Media, direction: Direction) -> Media:
    return replace(media, direction=direction)


def ring(*phones: str, seconds: int = 30, extension: str = "2002") -> RingExtension:
    return RingExtension(extension, phones or ("desk",), seconds)


def trunk(name: str, **changes: Any) -> UseTrunk:
    step = UseTrunk(
        trunk=name,
        number="+74955551525",
        caller_id="+74950000000",
        no_answer_s=4.0,
        leave_on=(403, 500, 503),
        ring_time_s=60,
    )
    return replace(step, **changes)


def route(
    *steps: Step,
    kind: DestinationKind = DestinationKind.INTERNAL,
    cause: Cause = Cause.NO_ANSWER,
    prompt: str = "no_answer",
    alerts: tuple[str, ...] = (),
) -> Decision:
    return Decision(
        verdict=Verdict.ROUTE,
        kind=kind,
        number="2002",
        steps=steps,
        cause=cause,
        prompt=prompt,
        alerts=alerts,
    )


def outside(*steps: Step, prompt: str = "cannot_complete") -> Decision:
    return route(*steps, kind=DestinationKind.LOCAL, cause=Cause.CONGESTION, prompt=prompt)


def refuse(cause: Cause, prompt: str = "") -> Decision:
    return Decision(verdict=Verdict.REFUSE, kind=None, number="", cause=cause, prompt=prompt)


class Stage:
    """One call with its legs; ``now`` is virtual."""

    def __init__(self, decision: Decision | None = None, offered: Offered = CALLER) -> None:
        numbers = itertools.count(2)
        self.call = Call("c-1", SNAPSHOT, lambda: next(numbers), started_at=1_000.0)
        self.now = 100.0
        self.entries: list[Entry] = []
        self.outputs: list[CallOutput] = []
        self.open_legs: set[int] = set()
        self.decision = decision
        if decision is not None:
            self.tell(offered)

    def tell(self, *items: CallInput) -> list[str]:
        """Hand these inputs to the call; what it said, as lines."""
        said: list[CallOutput] = []
        for item in items:
            self.entries.append(Entry(self.now, item))
            if isinstance(item, Offered):
                self.open_legs.add(item.leg)
            elif isinstance(item, Failed | Ended):
                self.open_legs.discard(item.leg)
            said += self._hear(self.call.handle(item, self.now))
        return [line(output) for output in said]

    def wait(self, seconds: float) -> list[str]:
        """Let time pass; every timer fires when it is due."""
        until, said = self.now + seconds, []
        while (due := self.call.next_timeout()) is not None and due <= until:
            self.now = max(self.now, due)
            said += self._hear(self.call.handle_timeout(self.now))
        self.now = until
        return [line(output) for output in said]

    def record(self) -> CallRecord:
        return fold(self.call.call_ref, self.call.started_at, self.entries, revision=7)

    def _hear(self, outputs: list[CallOutput]) -> list[CallOutput]:
        heard: list[CallOutput] = []
        for output in outputs:
            heard.append(output)
            self.outputs.append(output)
            self.entries.append(Entry(self.now, output))
            if isinstance(output, Dial):
                self.open_legs.add(output.leg)
            elif isinstance(output, Reject | GiveLegTo):
                self.open_legs.discard(output.leg)
            elif isinstance(output, AskRouting) and self.decision is not None:
                routed = Routed(self.decision)
                self.entries.append(Entry(self.now, routed))
                heard += self._hear(self.call.handle(routed, self.now))
        return heard


def line(output: CallOutput) -> str:
    """One output as a line of a transcript, e.g. ``HangUp 3 answered_elsewhere``."""
    return f"{type(output).__name__} {_WORDS[type(output)](output)}".strip()


def _media(media: Media | None) -> str:
    if media is None:
        return ""
    kind = "fax " if media.kind is MediaKind.IMAGE else ""
    return kind + media.direction.value


def _destination(destination: Destination) -> str:
    if isinstance(destination, PhoneDestination):
        return f"{destination.extension}/{destination.binding}"
    if isinstance(destination, AppDestination):
        early = f" early {destination.cause.value}" if destination.is_early else ""
        return f"{destination.app}({destination.argument}){early}"
    return f"{destination.trunk}/{destination.number}"


_WORDS: dict[type[Any], Callable[[Any], str]] = {
    Dial: lambda o: f"{o.leg} {_destination(o.destination)}",
    Ring: lambda o: f"{o.leg} {_media(o.answer)}",
    Answer: lambda o: f"{o.leg} {_media(o.answer)}",
    Reject: lambda o: f"{o.leg} {o.cause.value}",
    Reoffer: lambda o: f"{o.leg} {_media(o.offer)}",
    AcceptReoffer: lambda o: f"{o.leg} {_media(o.answer)}",
    RefuseReoffer: lambda o: f"{o.leg} {o.status}",
    SendDigit: lambda o: f"{o.leg} {o.digit}",
    Warn: lambda o: f"{o.leg} {'last' if o.is_last else 'first'}",
    HangUp: lambda o: f"{o.leg} {o.cause.value}",
    Bridge: lambda o: f"{o.leg} {o.other}",
    AskRouting: lambda o: o.request.dialled,
    Preempt: lambda o: o.call_ref,
    GiveLegTo: lambda o: f"{o.leg} {o.call_ref}",
    Alert: lambda o: o.key,
    Finished: lambda o: "",
}
