"""What a modem's line tells unasked: rings, caller id, DLE codes; told on as line events.

Owns one timer (the loop's). It is the engine's Listener; whether a ring is news depends on the
hook, which the port tells by ``lifted`` and ``hung_up``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from drivers.events import (
    CallerIdReceived,
    LineEvent,
    OffHook,
    OnHook,
    RingStarted,
    RingStopped,
)
from drivers.modem_v253.caller import CallerIdGatherer, RingWatch
from drivers.modem_v253.codes import RING, CodeReader
from drivers.modem_v253.models import Model

_SETTLED_RINGS = 2  # by then a caller id has come or never will


class Ears:
    """tell: the port's events. ringing: called with what is known by now, ``started settled
    stopped``: settled when the caller id has come, or cannot come any more."""

    def __init__(
        self,
        tell: Callable[[LineEvent], None],
        ringing: Callable[[str], None],
        now_ns: Callable[[], int],
    ) -> None:
        self._tell, self._ringing, self._now_ns = tell, ringing, now_ns
        self._gatherer = CallerIdGatherer()
        self._rings = RingWatch()
        self._codes: CodeReader | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.rang_at: float | None = None  # the last ring, heard on- or off-hook

    @property
    def is_ringing(self) -> bool:
        return self._rings.last_at is not None

    @property
    def is_lifted(self) -> bool:
        return self._codes is not None and self._codes.lifted_at is not None

    @property
    def is_extension_up(self) -> bool:
        return self._codes is not None and self._codes.is_extension_up(_now())

    @property
    def counts(self) -> dict[str, int]:
        return self._codes.counts if self._codes else {}

    def attach(self, model: Model, *, reports_keys: bool) -> None:
        """A modem of this model speaks from now on."""
        self.detach()
        self._codes = CodeReader(model, reports_keys, counts=self.counts)

    def detach(self) -> None:
        """Its modem is gone, or another one comes: nobody tells any more that a parallel telephone
        is hung up."""
        self._extension_is_down()
        self.forget()

    def report_keys(self, reports_keys: bool) -> None:
        """Whether its codes are where keys are heard: the core hears those of a duplex stream."""
        if self._codes is not None:
            self._codes.reports_keys = reports_keys

    def forget(self) -> None:
        """The ringing is ours now, or over. A parallel telephone is not forgotten by that."""
        self._rings.forget()
        self._gatherer.forget()
        self._arm()

    def lifted(self) -> None:
        if self._codes is not None:
            self._codes.lifted(_now())

    def hung_up(self) -> None:
        if self._codes is not None:
            self._codes.hung_up()

    def streams(self, is_streaming: bool) -> None:
        if self._codes is not None:
            self._codes.is_streaming = is_streaming

    # ---- the engine's Listener

    def ring_told(self) -> None:
        now = self.rang_at = _now()
        if self._codes is None or self._codes.lifted_at is not None:
            return
        is_first = self._rings.ring(now)
        if is_first:
            self._tell(RingStarted(self._now_ns()))
            self._ringing("started")
        elif self._rings.count == _SETTLED_RINGS:
            self._look()
            self._ringing("settled")
        self._arm()

    def caller_line_told(self, line: str) -> None:
        self._gatherer.add(line, _now())
        self._look()
        self._arm()

    def code_told(self, octet: int) -> None:
        if octet == RING:
            self.ring_told()
        elif self._codes is not None:
            event = self._codes.read(octet, _now(), self._now_ns())
            if event is not None:
                self._tell(event)
            if isinstance(event, OffHook | OnHook):
                self._arm()

    # ---- time

    def _look(self) -> None:
        """Tell what is due of the caller."""
        record = self._gatherer.take(_now())
        if record is not None:
            self._tell(CallerIdReceived(self._now_ns(), record))
            if self.is_ringing:
                self._ringing("settled")

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        extension = self._codes.extension_deadline if self._codes else None
        deadlines = (self._gatherer.deadline, self._rings.deadline, extension)
        due = [at for at in deadlines if at is not None]
        if due:
            self._timer = asyncio.get_running_loop().call_at(min(due), self._due)

    def _due(self) -> None:
        self._timer = None
        self._look()
        if self._rings.take_stop(_now()):
            self._gatherer.forget()
            self._tell(RingStopped(self._now_ns()))
            self._ringing("stopped")
        codes = self._codes
        if codes and codes.extension_deadline and not codes.is_extension_up(_now()):
            self._extension_is_down()
        self._arm()

    def _extension_is_down(self) -> None:
        if self._codes is not None and self._codes.extension_up_at is not None:
            self._codes.extension_up_at = None
            self._tell(OnHook(self._now_ns()))


def _now() -> float:
    return asyncio.get_running_loop().time()
