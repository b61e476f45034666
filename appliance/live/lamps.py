"""What lamps show: who has which calls, and whose phones can be reached.

Owns nothing: a view of the live calls and of the registrations, by the name that somebody
subscribed to: an extension's number, or a trunk's or line's name. What is no name of ours looks
like a number that never has a call, so that nobody learns by subscribing who exists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from appliance.call.call import Call
from appliance.call.part import CallPart, most_urgent_first, parts_of_extension, parts_of_way
from appliance.config.model import Snapshot
from appliance.live.calls import LiveCalls


@dataclass(frozen=True, slots=True)
class Lamps:
    """bindings: extension -> keys of its reachable phones."""

    live: LiveCalls
    snapshot: Callable[[], Snapshot]
    bindings: Callable[[], Mapping[str, tuple[str, ...]]]

    def calls(self, name: str) -> tuple[CallPart, ...]:
        """The calls that this number or way takes part in, the most urgent first."""
        return tuple(sorted(self._parts(name), key=most_urgent_first))

    def is_reachable(self, name: str) -> bool:
        """Whether this extension has a phone that can be called now."""
        return self._is_extension(name) and bool(self.bindings().get(name, ()))

    def _is_extension(self, name: str) -> bool:
        return name in self.snapshot().document.extension_by_number

    def _parts(self, name: str) -> Iterator[CallPart]:
        document, counts = self.snapshot().document, self.live.counts
        if name in document.extension_by_number:
            for call in self._found(counts.calls_of_extension(name)):
                yield from parts_of_extension(call, name)
        elif name in document.trunk_by_name or name in document.line_by_name:
            taken = counts.trunk_calls.get(name, ())
            for call in self._found(one.call_ref for one in taken):
                yield from parts_of_way(call, name)

    def _found(self, call_refs: Iterable[str]) -> Iterator[Call]:
        for call_ref in call_refs:
            live = self.live.by_ref.get(call_ref)
            if live is not None:
                yield live.call
