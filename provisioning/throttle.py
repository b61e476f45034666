"""Who asks for what is not his: counted for each source, and no longer served after too many.

PURE, with ``now`` in monotonic seconds. The same question asked again is one miss (phones ask on
for a file that is not there); a wrong secret is a miss each time. Sources by TFTP can be forged, so
that they are counted apart from those by HTTP, and can push none of those out.
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
        self._sources: dict[str, OrderedDict[str, _Source]] = {}

    def is_throttled(self, source: str, now: float) -> bool:
        """Whether it is to be answered by nothing but that."""
        found = self._of_kind(source).get(source)
        return found is not None and now < found.throttled_until

    def missed(self, source: str, question: str, now: float, most: int = MOST_MISSES) -> bool:
        """Count a miss; True when this one is the one too many. most: that are borne with."""
        sources = self._of_kind(source)
        found = sources.get(source)
        if found is None or (now - found.since > MEMORY_S and now >= found.throttled_until):
            if source not in sources and len(sources) >= MOST_SOURCES:
                _forget_one(sources, now)
            found = sources[source] = _Source(now)
        sources.move_to_end(source)
        found.asked.add(hash(question))
        if len(found.asked) < most or now < found.throttled_until:
            return False
        found.throttled_until = now + MEMORY_S
        found.since = now
        found.asked.clear()
        return True

    def _of_kind(self, source: str) -> OrderedDict[str, _Source]:
        """Sources of one transport: those that can be forged push no others out."""
        return self._sources.setdefault(source.partition(" ")[0], OrderedDict())


def _forget_one(sources: OrderedDict[str, _Source], now: float) -> None:
    """The one that has been quiet for the longest; who is throttled only when all are."""
    quiet = (name for name, source in sources.items() if now >= source.throttled_until)
    del sources[next(quiet, next(iter(sources)))]
