"""What the endpoint has to send, and how it is called on the way.

PURE. Owns the octets that wait to be taken (``datagrams_to_send``). RFC 3261 §18.1.1 (sent-by),
§8.1.1.8 (Contact).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from appliance.sip.events import UDP, Hop, Outgoing


@dataclass(slots=True)
class Wire:
    """local_address: the host and SIP port that a hop knows us by."""

    local_address: Callable[[Hop], tuple[str, int]]
    outgoing: list[Outgoing] = field(default_factory=list)

    def send(self, hop: Hop, data: bytes) -> None:
        self.outgoing.append(Outgoing(hop, data))

    def sent_by(self, hop: Hop) -> str:
        """Our host and port for a Via towards this hop."""
        host, port = self.local_address(hop)
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def contact(self, hop: Hop) -> str:
        """Our Contact towards this hop."""
        if hop.transport is UDP:
            return f"<sip:{self.sent_by(hop)}>"
        transport = f";transport={hop.transport.value.lower()}"
        return f"<sip:{self.sent_by(hop)}{transport}>"

    def take(self) -> list[Outgoing]:
        taken, self.outgoing = self.outgoing, []
        return taken
