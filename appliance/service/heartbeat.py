"""The heart of the daemon: tells systemd that we live, and only while we do.

Owns the rhythm. Each beat measures how late the event loop let it run, has the parts checked
(service/self_check.py), and feeds the watchdog when nothing deadly was found. What was found is
said in STATUS, in the office's language, and in the log. Without systemd no heart is needed and
none beats.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from appliance.clock import Clock
from appliance.config.model import Snapshot
from appliance.exchange import Exchange
from appliance.legs.trunks.state import TrunkStatus
from appliance.service.sd_notify import Notifier
from appliance.service.self_check import Finding, SelfCheck
from appliance.service.texts import finding_text, status_text

log = logging.getLogger(__name__)
LONGEST_LAG_S = 2.0
_USUAL_PERIOD_S = 10.0
_BEATS_PER_WATCHDOG = 3  # two beats may fail before systemd kills us
_AGAIN_AT = 0.25  # of a period: after a failure we ask sooner


@dataclass(frozen=True, slots=True)
class Pulse:
    """What STATUS shows of a sound box; language: of the office, ru or en."""

    calls: int
    phones: int
    trunks_up: int
    trunks: int
    language: str


def pulse_of(exchange: Exchange, snapshot: Snapshot) -> Pulse:
    """How much is going on."""
    lines = exchange.trunks.lines.values()
    return Pulse(
        calls=len(exchange.live.by_ref),
        phones=sum(1 for _ in exchange.registrar.all()),
        trunks_up=sum(line.state.status is TrunkStatus.UP for line in lines),
        trunks=len(lines),
        language=snapshot.document.site.language,
    )


@dataclass(frozen=True, slots=True)
class HeartParts:
    """Tools of the heart. watchdog_s: how soon systemd loses patience; None = it does not watch."""

    clock: Clock
    notifier: Notifier
    check: SelfCheck
    pulse: Callable[[], Pulse]
    watchdog_s: float | None


class Heart:
    """``ready``, then ``beat_for_ever`` as a deadly task, then ``stopping``."""

    def __init__(self, parts: HeartParts) -> None:
        self._parts = parts
        watchdog_s = parts.watchdog_s
        self.period_s = watchdog_s / _BEATS_PER_WATCHDOG if watchdog_s else _USUAL_PERIOD_S
        self._told: list[str] = []
        self._is_ready = False

    @property
    def is_needed(self) -> bool:
        """Whether anybody listens."""
        return self._parts.notifier.is_heard

    def ready(self) -> None:
        """The box answers calls from now on."""
        self._is_ready = True
        self._parts.notifier.tell(READY=1, STATUS=self._status([]), WATCHDOG=1)

    @contextmanager
    def reloading(self) -> Iterator[None]:
        """New settings are put in force meanwhile (nothing is said before we were ready)."""
        if not self._is_ready:
            yield
            return
        now_us = int(self._parts.clock.now() * 1e6)
        self._parts.notifier.tell(RELOADING=1, MONOTONIC_USEC=now_us)
        try:
            yield
        finally:
            self.ready()

    def stopping(self) -> None:
        """We end our calls and go."""
        text = status_text("stopping", self._parts.pulse().language)
        self._parts.notifier.tell(STOPPING=1, STATUS=text)

    async def beat_for_ever(self) -> None:
        """One beat a period; sooner after one that failed."""
        is_sound = True
        while True:
            is_sound = await self.beat(self.period_s * (1.0 if is_sound else _AGAIN_AT))

    async def beat(self, period_s: float) -> bool:
        """Wait for the time, check, tell; True when the watchdog was fed."""
        due_at = self._parts.clock.now() + period_s
        await asyncio.sleep(period_s)
        findings = self._lag(self._parts.clock.now() - due_at)
        findings += await self._parts.check.find()
        self._log(findings)
        is_sound = not any(finding.is_deadly for finding in findings)
        status = self._status(findings)
        if is_sound:
            self._parts.notifier.tell(WATCHDOG=1, STATUS=status)
        else:
            self._parts.notifier.tell(STATUS=status)
        return is_sound

    def _lag(self, lag_s: float) -> list[Finding]:
        return [Finding("check.loop_lag", f"{lag_s:.1f}")] if lag_s > LONGEST_LAG_S else []

    def _log(self, findings: list[Finding]) -> None:
        """Say what is new, once; say when all is well again."""
        keys = [finding.key for finding in findings]
        for finding in findings:
            if finding.key not in self._told:
                level = logging.ERROR if finding.is_deadly else logging.WARNING
                log.log(level, "self-check: %s (%s)", finding.key, finding_text(finding, "en"))
        if self._told and not keys:
            log.info("self-check: all is well again")
        self._told = keys

    def _status(self, findings: list[Finding]) -> str:
        pulse = self._parts.pulse()
        if findings:
            return "; ".join(finding_text(finding, pulse.language) for finding in findings)
        return status_text(
            "running",
            pulse.language,
            calls=pulse.calls,
            phones=pulse.phones,
            up=pulse.trunks_up,
            trunks=pulse.trunks,
        )
