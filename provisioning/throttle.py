"""Who asks for what is not his: counted for each source, and no longer served after too many.

PURE, with ``now`` in monotonic seconds. The same question asked again is one miss (phones ask on
for a file that is not there); a wrong secret is a miss each time. Sources by TFTP can be forged, so
that they are counted apart from those by HTTP.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field

MOST_MISSES = 20
MEMORY_S = 600.0
MOST_SOURCES = 2048
#: Of a whole IPv6 network, in which one device has as many addresses as it likes.
MOST_OF_NETWORK = 200


def network_of(source: str, host: str) -> str:
    """The name under which the /64 of an IPv6 source is counted; empty for IPv4."""
    if ":" not in host:
        return ""
    network = ipaddress.ip_network(f"{host.partition('%')[0]}/64", strict=False)
    return f"{source.partition(' ')[0]} {network}"


@dataclass(slots=True)
class _Source:
    since: float
    asked: set[int] = field(default_factory=set)
    throttled_until: float = 0.0


class Throttle:
    """source: any name of it, such as ``http 192.168.1.7``."""

    def __init__(self) -> None:
        self._sources: OrderedDict[str, _Source] = OrderedDict()

    def is_throttled(self, source: str, now: float) -> bool:
        """Whether it is to be answered by nothing but that."""
        found = self._sources.get(source)
        return found is not None and now < found.throttled_until

    def missed(self, source: str, question: str, now: float, most: int = MOST_MISSES) -> bool:
        """Count a miss; True when this one is the one too many. most: that are borne with."""
        found = self._sources.get(source)
        if found is None or now - found.since > MEMORY_S:
            found = self._sources[source] = _Source(now)
        self._sources.move_to_end(source)
        while len(self._sources) > MOST_SOURCES:
            self._sources.popitem(last=False)
        found.asked.add(hash(question))
        if len(found.asked) < most or now < found.throttled_until:
            return False
        found.throttled_until = now + MEMORY_S
        found.since = now
        found.asked.clear()
        return True
