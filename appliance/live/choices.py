"""Which way out an extension has chosen for its next call, by the key of a trunk or a line.

PURE. A choice serves one call to the outside, and is forgotten after CHOICE_S: whoever was called
away shall not be surprised an hour later.
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance.config.model import DestinationKind
from appliance.routing.decision import Decision

CHOICE_S = 30.0
_INSIDE = (None, DestinationKind.INTERNAL, DestinationKind.FEATURE)


class LiveChoices:
    """now: monotonic seconds."""

    def __init__(self) -> None:
        self._chosen: dict[str, tuple[str, float]] = {}

    def at(self, now: float) -> Mapping[str, str]:
        """Extension -> the way that it has chosen."""
        if not self._chosen:
            return {}
        self._chosen = {e: choice for e, choice in self._chosen.items() if choice[1] > now}
        return {extension: way for extension, (way, _) in self._chosen.items()}

    def follow(self, extension: str, decision: Decision, now: float) -> None:
        """A call of this extension was decided: it chose a way, or went out by the chosen one."""
        if decision.chooses:
            self._chosen[extension] = (decision.chooses, now + CHOICE_S)
        elif decision.kind not in _INSIDE and decision.diversion is None:
            self._chosen.pop(extension, None)
