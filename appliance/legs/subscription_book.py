"""Who holds which subscriptions: the notifier's tables, and how many there may be.

Owns the tables by dialog, by what is watched and by who watches. So many are kept of an extension,
and so many of all. When the box is full, who holds least is served at the cost of who holds most:
accounts that were stolen cannot keep the lamps of others dark. The owner is told once as long as it
lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from appliance.sip.message import Request
from appliance.sip.subscription import Asked, Subscription

#: A phone with three expansion modules has some two hundred keys; an extension has several phones.
MAX_OF_EXTENSION = 400
MAX_OF_ALL = 5000
#: Below this part of a limit it is over, and would be told anew.
_RELIEF = 0.75
Table = dict[str, dict[Subscription, None]]


class SubscriptionBook:
    """alert: key and detail of what the owner must hear."""

    def __init__(self, alert: Callable[[str, str], None]) -> None:
        self._alert = alert
        self._by_dialog: dict[tuple[str, str], Subscription] = {}
        self._by_resource: Table = {}
        self._by_watcher: Table = {}
        self._told: set[str] = set()  # watchers at their limit; "" = the box

    def __len__(self) -> int:
        return len(self._by_dialog)

    def add(self, subscription: Subscription) -> None:
        dialog, asked = subscription.dialog, subscription.asked
        self._by_dialog[dialog.call_id, dialog.local_tag] = subscription
        self._by_resource.setdefault(asked.resource, {})[subscription] = None
        self._by_watcher.setdefault(subscription.watcher, {})[subscription] = None

    def remove(self, subscription: Subscription) -> None:
        """Forget it; harmless when done twice."""
        dialog, watcher = subscription.dialog, subscription.watcher
        self._by_dialog.pop((dialog.call_id, dialog.local_tag), None)
        _leave(self._by_resource, subscription.asked.resource, subscription)
        _leave(self._by_watcher, watcher, subscription)
        if self._told:
            if len(self._by_watcher.get(watcher, ())) < MAX_OF_EXTENSION * _RELIEF:
                self._told.discard(watcher)
            if len(self) < MAX_OF_ALL * _RELIEF:
                self._told.discard("")

    def clear(self) -> None:
        for table in (self._by_dialog, self._by_resource, self._by_watcher):
            table.clear()

    def of_request(self, request: Request) -> Subscription | None:
        """The subscription in whose dialog this request is."""
        return self._by_dialog.get((request.call_id, request.to.tag))

    def of_watcher(self, watcher: str) -> Iterable[Subscription]:
        return self._by_watcher.get(watcher, ())

    def of_resource(self, name: str) -> Iterable[Subscription]:
        return self._by_resource.get(name, ())

    def all(self) -> tuple[Subscription, ...]:
        return tuple(self._by_dialog.values())

    def watchers(self) -> tuple[str, ...]:
        return tuple(self._by_watcher)

    def resources(self) -> tuple[str, ...]:
        return tuple(self._by_resource)

    def makes_room(
        self, watcher: str, asked: Asked, target: str
    ) -> tuple[bool, Subscription | None]:
        """Whether one more can be kept, and which must end for it, if any.

        At a limit, what a phone forgot when it was switched off gives way to the same key's new
        subscription; when the box is full, the newest of who holds most gives way.
        """
        mine = self._by_watcher.get(watcher, {})
        is_own_limit = len(mine) >= MAX_OF_EXTENSION
        if not is_own_limit and len(self) < MAX_OF_ALL:
            return True, None
        forgotten = next((s for s in mine if s.is_same_key(asked, target)), None)
        if forgotten is not None:
            return True, forgotten
        if is_own_limit:
            self._tell(watcher, "subscriptions_of_extension", f"{watcher} ({MAX_OF_EXTENSION})")
            return False, None
        greedy = max(self._by_watcher.values(), key=len)
        holder = next(iter(greedy)).watcher
        self._tell("", "subscriptions_full", f"{MAX_OF_ALL}, {holder}: {len(greedy)}")
        if len(mine) + 1 >= len(greedy):
            return False, None
        return True, next(reversed(greedy))

    def _tell(self, whose: str, key: str, detail: str) -> None:
        if whose not in self._told:
            self._told.add(whose)
            self._alert(key, detail)


def _leave(table: Table, name: str, subscription: Subscription) -> None:
    group = table.get(name)
    if group is not None:
        group.pop(subscription, None)
        if not group:
            del table[name]
