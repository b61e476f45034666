"""Room for streams: how many connections there may be, and who gives way when there is no more.

PURE but for the door that it asks. RFC 3261 §26.1.5 leaves it to each host how it stays reachable.
Strangers share a small part of the room, so that phones that have proved themselves always find
theirs; within it a newcomer drives out who has sat there longest, of the place that holds the most.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from appliance.guard.place import place_of
from appliance.net.connection import StreamConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """How much of the box streams may take. idle_s outlives a registration (3600 s)."""

    connections: int = 1000
    connections_per_source: int = 250
    strangers: int = 200
    strangers_per_source: int = 50
    first_message_s: float = 15.0  # from the connection to the first whole message
    whole_message_s: float = 15.0  # from a message's first piece to its last
    stranger_stay_s: float = 32.0  # 64 * T1: time enough to prove oneself
    idle_s: float = 4000.0
    connect_s: float = 4.0
    unsent_octets: int = 256 * 1024
    octets_before_connected: int = 128 * 1024


class StreamDoor(Protocol):
    """What is known of an address (guard/gate.py)."""

    def admits_connection(self, host: str, now: float) -> bool: ...
    def is_stranger(self, host: str, now: float) -> bool: ...


class OpenDoor:
    """Everybody is known."""

    def admits_connection(self, host: str, now: float) -> bool:
        return True

    def is_stranger(self, host: str, now: float) -> bool:
        return False


class Room:
    """All connections by place, those of each place in the order of their coming."""

    def __init__(self, limits: StreamLimits, door: StreamDoor) -> None:
        self.door = door
        self._limits = limits
        self._places: dict[str, dict[int, StreamConnection]] = {}
        self._count = 0

    def find(self, host: str, now: float) -> tuple[bool, StreamConnection | None]:
        """Whether there is room for a newcomer from this address, and who has to go for it."""
        if not self.door.admits_connection(host, now):
            return False, None
        limits, here = self._limits, self._places.get(place_of(host), {})
        is_stranger = self.door.is_stranger(host, now)
        most = limits.strangers_per_source if is_stranger else limits.connections_per_source
        if len(here) >= most:
            victim = _first(here.values(), is_any_good=is_stranger)
        elif is_stranger and self._count >= limits.strangers <= self._count_strangers(now):
            victim = self._give_way(now, is_any_good=True)
        elif self._count >= limits.connections:
            victim = self._give_way(now, is_any_good=False)
        else:
            return True, None
        return victim is not None, victim

    def enter(self, connection: StreamConnection) -> None:
        self._places.setdefault(place_of(connection.hop.host), {})[connection.number] = connection
        self._count += 1

    def leave(self, connection: StreamConnection) -> None:
        place = place_of(connection.hop.host)
        del self._places[place][connection.number]
        self._count -= 1
        if not self._places[place]:
            del self._places[place]

    def overdue(self, connection: StreamConnection, now: float) -> str:
        """Why this connection has to go now: idle, or a message in crumbs (slow loris); or empty.

        A stranger's stay is limited whatever he says: the gate may not even read it.
        """
        limits = self._limits
        starved_at = connection.starved_at
        if starved_at is not None and now - starved_at > limits.whole_message_s:
            return "a message that does not end"
        if now - connection.served_at > limits.idle_s:
            return "idle"
        stay_s = 0.0 if connection.is_ours else now - connection.opened_at
        if not connection.has_served and stay_s > limits.first_message_s:
            return "no message"
        is_over = stay_s > limits.stranger_stay_s
        if is_over and self.door.is_stranger(connection.hop.host, now):
            return "nobody has proved himself"
        return ""

    def _count_strangers(self, now: float) -> int:
        return sum(len(here) for here in self._places.values() if self._is_of_strangers(here, now))

    def _give_way(self, now: float, *, is_any_good: bool) -> StreamConnection | None:
        """The oldest of the place that holds the most: a stranger whatever he has said, or else
        somebody who has not said anything yet."""
        crowds = sorted(self._places.values(), key=len, reverse=True)
        for here in crowds:
            if is_any_good and not self._is_of_strangers(here, now):
                continue
            victim = _first(here.values(), is_any_good=is_any_good)
            if victim is not None:
                return victim
        return None

    def _is_of_strangers(self, here: dict[int, StreamConnection], now: float) -> bool:
        return self.door.is_stranger(next(iter(here.values())).hop.host, now)


def _first(those: Iterable[StreamConnection], *, is_any_good: bool) -> StreamConnection | None:
    """The oldest that may go: never one that we made."""
    for connection in those:
        if not connection.is_ours and (is_any_good or not connection.has_served):
            return connection
    return None
