"""The table of bindings: by address of record, by key and by the time when they end.

PURE. Only keeps what it is told; registrar.py knows the rules of RFC 3261 §10.3.
"""

from __future__ import annotations

import heapq

from appliance.sip.binding import NEVER_SEEN, Binding, Change, ChangeKind


class BindingTable:
    """Every phone of the office."""

    def __init__(self) -> None:
        self._phones: dict[str, dict[str, Binding]] = {}  # address of record -> key -> binding
        self._by_key: dict[str, Binding] = {}
        self._gone: dict[str, str] = {}  # address of record without a phone -> why
        self._deadlines: list[tuple[float, str]] = []  # heap; stale entries are skipped

    def of(self, address_of_record: str) -> dict[str, Binding]:
        """A copy of the phones of a number by key, in the order of their first REGISTER."""
        return dict(self._phones.get(address_of_record, ()))

    def get(self, key: str) -> Binding | None:
        return self._by_key.get(key)

    def all(self) -> tuple[Binding, ...]:
        return tuple(self._by_key.values())

    def absence(self, address_of_record: str) -> str:
        """Why a number has no phone; empty if it has one."""
        if address_of_record in self._phones:
            return ""
        return self._gone.get(address_of_record, NEVER_SEEN)

    def next_expiry(self) -> tuple[float, Binding] | None:
        """The phone that expires first, and when; None when there is no phone."""
        while self._deadlines:
            expires_at, key = self._deadlines[0]
            binding = self._by_key.get(key)
            if binding is not None and binding.expires_at == expires_at:
                return expires_at, binding
            heapq.heappop(self._deadlines)
        return None

    def apply(self, change: Change) -> None:
        if change.kind is ChangeKind.REMOVED:
            self._remove(change.binding, change.why)
        else:
            self.keep(change.binding)

    def keep(self, binding: Binding) -> None:
        """Put in a new binding, or a newer form of one that is there."""
        old = self._by_key.get(binding.key)
        self._by_key[binding.key] = binding
        self._phones.setdefault(binding.address_of_record, {})[binding.key] = binding
        self._gone.pop(binding.address_of_record, None)
        if old is None or old.expires_at != binding.expires_at:
            heapq.heappush(self._deadlines, (binding.expires_at, binding.key))
            self._compact()

    def _remove(self, binding: Binding, why: str) -> None:
        if self._by_key.pop(binding.key, None) is None:
            return
        phones = self._phones[binding.address_of_record]
        del phones[binding.key]
        if not phones:
            del self._phones[binding.address_of_record]
            self._gone[binding.address_of_record] = why

    def _compact(self) -> None:
        """Phones that refresh long before their time must not make the heap grow for ever."""
        if len(self._deadlines) > 64 + 8 * len(self._by_key):
            self._deadlines = [(b.expires_at, b.key) for b in self._by_key.values()]
            heapq.heapify(self._deadlines)
