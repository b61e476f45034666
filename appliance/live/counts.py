"""Who takes part in which live call: the counts that routing decides by.

PURE. Kept as legs come and go, so that a decision costs the same with five calls as with five
hundred. An extension that rings on three phones takes part once; a call that comes in by a trunk
and is sent on by the same one has two of its places.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from appliance.routing.decision import OutboundCall, RingingCall


class LiveCounts:
    """Counts by leg number; a leg is told once when it begins and once when it is over."""

    def __init__(self) -> None:
        self._extension_of_leg: dict[int, tuple[str, str]] = {}
        self._trunk_of_leg: dict[int, tuple[str, str]] = {}
        self._extensions: dict[str, dict[str, int]] = {}  # extension -> call_ref -> legs
        self._trunks: dict[str, dict[int, OutboundCall]] = {}  # trunk -> leg
        self._ringing: dict[int, RingingCall] = {}
        #: How many calls each extension takes part in, and which calls each trunk carries; whoever
        #: has none is not in the table.
        self.extension_calls: dict[str, int] = {}
        self.trunk_calls: dict[str, tuple[OutboundCall, ...]] = {}
        #: Told the name of every extension, trunk or line whose calls may have changed.
        self.on_touched: Callable[[str], None] = _nobody_watches

    def calls_of_extension(self, extension: str) -> tuple[str, ...]:
        """The call_refs of the live calls that this extension takes part in."""
        return tuple(self._extensions.get(extension, ()))

    def extension_joins(self, leg: int, extension: str, call_ref: str) -> None:
        self._extension_of_leg[leg] = (extension, call_ref)
        calls = self._extensions.setdefault(extension, {})
        calls[call_ref] = calls.get(call_ref, 0) + 1
        self.extension_calls[extension] = len(calls)
        self.on_touched(extension)

    def extension_moves(self, leg: int, call_ref: str) -> None:
        """The leg, which counts for an extension, goes on in another call."""
        extension, _ = self._extension_of_leg.get(leg, ("", ""))
        if extension:
            self.over(leg)
            self.extension_joins(leg, extension, call_ref)

    def touch(self, legs: Iterable[int]) -> None:
        """These legs' call goes on in another way: somebody answered."""
        for leg in legs:
            for table in (self._extension_of_leg, self._trunk_of_leg):
                name, _ = table.get(leg, ("", ""))
                if name:
                    self.on_touched(name)

    def extension_rings(self, leg: int, extension: str, call_ref: str, now: float) -> None:
        self.extension_joins(leg, extension, call_ref)
        self._ringing[leg] = RingingCall(call_ref, extension, now)

    def trunk_joins(self, leg: int, trunk: str, call: OutboundCall) -> None:
        self._trunk_of_leg[leg] = (trunk, call.call_ref)
        calls = self._trunks.setdefault(trunk, {})
        calls[leg] = call
        self.trunk_calls[trunk] = tuple(calls.values())
        self.on_touched(trunk)

    def answered(self, leg: int) -> None:
        """The leg rings no more."""
        self._ringing.pop(leg, None)

    def over(self, leg: int) -> None:
        """The leg is gone; telling it twice does no harm."""
        self._ringing.pop(leg, None)
        extension, call_ref = self._extension_of_leg.pop(leg, ("", ""))
        if extension:
            calls = self._extensions[extension]
            calls[call_ref] -= 1
            if not calls[call_ref]:
                del calls[call_ref]
            if calls:
                self.extension_calls[extension] = len(calls)
            else:
                del self._extensions[extension], self.extension_calls[extension]
            self.on_touched(extension)
        trunk, _ = self._trunk_of_leg.pop(leg, ("", ""))
        if trunk:
            carried = self._trunks[trunk]
            carried.pop(leg, None)
            self.trunk_calls[trunk] = tuple(carried.values())
            if not carried:
                del self._trunks[trunk], self.trunk_calls[trunk]
            self.on_touched(trunk)

    def ringing(self) -> tuple[RingingCall, ...]:
        return tuple(self._ringing.values())


def _nobody_watches(name: str) -> None:
    """Until lamps are lit."""
