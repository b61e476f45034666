"""Keeps every trunk of the configuration alive, and knows which are up.

Owns one TrunkLine per enabled trunk (legs/trunks/line.py). A trunk whose settings did not change is
never touched by a new configuration.
"""

from __future__ import annotations

from appliance.config.model import Trunk
from appliance.legs.trunks.line import KeeperParts, TrunkLine
from appliance.legs.trunks.state import TrunkStatus
from appliance.sip.events import Hop


class TrunkKeeper:
    """All trunks of the configuration."""

    def __init__(self, parts: KeeperParts) -> None:
        self._parts = parts
        self.lines: dict[str, TrunkLine] = {}
        self._found: dict[str, tuple[Trunk, list[Hop]]] = {}

    def found(self, trunk: Trunk, hops: list[Hop]) -> None:
        """Where a provider is, for the line that will be started (line.find_providers)."""
        self._found[trunk.name] = (trunk, hops)

    def configure(self, trunks: tuple[Trunk, ...]) -> None:
        """Start, keep or end lines so that they are these trunks; an unchanged one is untouched."""
        wanted = {t.name: t for t in trunks if t.is_enabled}
        for name, line in list(self.lines.items()):
            if wanted.get(name) != line.trunk:
                line.close()
                del self.lines[name]
        for name, trunk in wanted.items():
            if name not in self.lines:
                line = self.lines[name] = TrunkLine(trunk, self._parts)
                found, hops = self._found.pop(name, (None, []))
                if found == trunk:
                    line.hops = hops
                line.start()

    def down(self) -> dict[str, str]:
        """Trunks that are known not to answer, with the reason (routing.LiveState.down)."""
        return {
            name: line.state.why
            for name, line in self.lines.items()
            if line.state.status is TrunkStatus.DOWN
        }

    def network_changed(self) -> None:
        """Addresses or ways of ours are others: every line sees what that means for it."""
        for line in self.lines.values():
            line.network_changed()

    def trunk_of_host(self, host: str) -> list[Trunk]:
        """The trunks whose provider sits at this address."""
        return [
            line.trunk for line in self.lines.values() if any(hop.host == host for hop in line.hops)
        ]

    def close(self) -> None:
        for line in self.lines.values():
            line.close()
