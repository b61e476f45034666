"""Whether a modem has a network, which one, how well it hears it, and whether its SIM is there.

Asked every 15 s over the given ``run``; in between the modem's news is heard. Not answering twice
in a row means that the modem is stuck, whatever its USB port says. Few modems tell that their card
was taken out: without a network the card is asked for.
"""

from __future__ import annotations

from drivers.at import Result
from drivers.cellular.reports import (
    Registration,
    parse_operator,
    parse_registration_answer,
    parse_signal_dbm,
)
from drivers.cellular.start import SIM_READY, Run, sim_state, why_of_sim

_ASK_S = 15.0
_PATIENCE = 2
_ROAMING = 5


class Radio:
    """``ask`` and ``hear``; the rest are facts."""

    def __init__(self) -> None:
        self.operator = ""
        self.signal_dbm: float | None = None
        self._sim = SIM_READY
        self._stats: dict[str, int] = {}
        self._unanswered = 0

    @property
    def is_registered(self) -> bool:
        """By the network of calls or by LTE (calls then go by VoLTE or fall back)."""
        return any(Registration(domain, stat).is_registered for domain, stat in self._stats.items())

    @property
    def is_roaming(self) -> bool:
        return self.is_registered and _ROAMING in self._stats.values()

    @property
    def is_answered(self) -> bool:
        return not self._unanswered

    @property
    def asks_again_s(self) -> float:
        """A modem that did not answer is asked again at once."""
        return _ASK_S if self.is_answered else 1.0

    @property
    def is_stuck(self) -> bool:
        return self._unanswered >= _PATIENCE

    @property
    def why_no_sim(self) -> str:
        """What became of the card since the modem was set up; empty = it is ready."""
        return "" if self._sim == SIM_READY else why_of_sim(self._sim)

    def hear(self, registration: Registration) -> None:
        self._stats[registration.domain] = registration.stat

    def hear_sim(self, state: str) -> None:
        self._sim = state

    async def ask(self, run: Run) -> None:
        finished = await run("AT+CSQ")
        if finished.result is Result.TIMEOUT:
            self._unanswered += 1
            return
        self._unanswered = 0
        for line in finished.lines:
            self.signal_dbm = parse_signal_dbm(line)
        for domain in ("CREG", "CEREG"):
            for line in (await run(f"AT+{domain}?")).lines:
                if registration := parse_registration_answer(line):
                    self.hear(registration)
        if self.is_registered:
            names = [parse_operator(line) for line in (await run("AT+COPS?")).lines]
            self.operator = next(filter(None, names), self.operator)
        else:
            self._sim = await sim_state(run) or self._sim

    @property
    def figures(self) -> dict[str, float]:
        found = {"roaming": float(self.is_roaming)}
        if self.signal_dbm is not None:
            found["signal_dbm"] = self.signal_dbm
        return found
