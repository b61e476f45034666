"""What a DirectLoop waits by: an epoll whose busiest sockets are served without a detour.

Owns the epoll. Of each readable descriptor asyncio makes a key, a handle in a queue and a call in a
context, which takes longer than to read the datagram. What was attended to is called from where the
loop waits, and the wait goes on, unless something was asked of the loop meanwhile. So are bells,
for asyncio's own timers take as long.
"""

from __future__ import annotations

import logging
import math
import select
import time
from collections.abc import Callable, Iterator, Mapping
from selectors import EVENT_READ, EVENT_WRITE, SelectorKey
from typing import Any

log = logging.getLogger(__name__)
_MS = 1e-3  # epoll's grain
_LONGEST_S = 86_400.0  # of one wait, for epoll counts milliseconds by an int


class Bell:
    """Calls ring once when it is ``at`` (``time.monotonic``), which may be set anew at any time."""

    __slots__ = ("at", "ring")

    def __init__(self, ring: Callable[[], None]) -> None:
        self.at = math.inf
        self.ring = ring


class DirectSelector:
    """A selector (selectors.BaseSelector); those who attend to a socket are called at once."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._keys: dict[int, SelectorKey] = {}
        self._ears: dict[int, Callable[[], None]] = {}
        #: The loop has something to do; the wait ends.
        self.is_needed = False
        self._bells: list[Bell] = []

    def attend(self, descriptor: int, ear: Callable[[], None]) -> None:
        """Call ear whenever there is something to read. It must not be slow, and not raise."""
        self._ears[descriptor] = ear
        self._watch(descriptor, is_new=descriptor not in self._keys)

    def dismiss(self, descriptor: int) -> None:
        """Before the socket is closed; harmless for one that was never attended to."""
        if self._ears.pop(descriptor, None) is not None:
            self._watch(descriptor, is_new=False)

    def hang_bell(self, ring: Callable[[], None]) -> Bell:
        """A bell that calls ring, for as long as the loop lives. It must not be slow, and not
        raise."""
        bell = Bell(ring)
        self._bells.append(bell)
        return bell

    def _watch(self, descriptor: int, *, is_new: bool) -> None:
        key = self._keys.get(descriptor)
        events = key.events if key is not None else 0
        mask = select.EPOLLOUT if events & EVENT_WRITE else 0
        if events & EVENT_READ or descriptor in self._ears:
            mask |= select.EPOLLIN
        if not mask:
            self._epoll.unregister(descriptor)
        elif is_new:
            self._epoll.register(descriptor, mask)
        else:
            self._epoll.modify(descriptor, mask)

    # ---- as asyncio knows it

    def register(self, fileobj: Any, events: int, data: Any = None) -> SelectorKey:
        descriptor = _descriptor(fileobj)
        if descriptor in self._keys:
            raise KeyError(f"{fileobj!r} is already registered")
        key = self._keys[descriptor] = SelectorKey(fileobj, descriptor, events, data)
        try:
            self._watch(descriptor, is_new=descriptor not in self._ears)
        except BaseException:
            del self._keys[descriptor]
            raise
        return key

    def unregister(self, fileobj: Any) -> SelectorKey:
        key = self.get_key(fileobj)
        del self._keys[key.fd]
        try:
            self._watch(key.fd, is_new=False)
        except OSError:
            log.debug("descriptor %d was closed before it was taken back", key.fd)
        return key

    def modify(self, fileobj: Any, events: int, data: Any = None) -> SelectorKey:
        old = self.get_key(fileobj)
        key = self._keys[old.fd] = SelectorKey(old.fileobj, old.fd, events, data)
        if events != old.events:
            self._watch(key.fd, is_new=False)
        return key

    def get_key(self, fileobj: Any) -> SelectorKey:
        """Raises KeyError for what is not registered."""
        return self._keys[_descriptor(fileobj)]

    def get_map(self) -> Mapping[Any, SelectorKey]:
        """The keys by descriptor or by what has one: asyncio of Python 3.14 looks up either."""
        return _KeysByFile(self._keys)

    def close(self) -> None:
        self._epoll.close()
        self._keys.clear()
        self._ears.clear()

    def select(self, timeout: float | None = None) -> list[tuple[SelectorKey, int]]:
        """Wait; serve who is attended to meanwhile; return the others that are ready."""
        most = max(len(self._keys) + len(self._ears), 1)
        ready: list[tuple[SelectorKey, int]] = []
        now = time.monotonic()
        ends = math.inf if timeout is None else now + timeout
        self.is_needed = False
        while True:
            until = ends
            for bell in self._bells:
                until = min(until, bell.at)
            polled = self._epoll.poll(_rounded(until - now), most)
            for descriptor, event in polled:
                ear = self._ears.get(descriptor)
                if ear is not None and event & ~select.EPOLLOUT:
                    _serve(ear)
                key = self._keys.get(descriptor)
                if key is not None:
                    self._note(key, event, ready)
            now = time.monotonic()
            for bell in self._bells:
                if now >= bell.at:
                    bell.at = math.inf
                    _serve(bell.ring)
            if ready or self.is_needed or now >= ends:
                return ready

    def _note(self, key: SelectorKey, event: int, ready: list[tuple[SelectorKey, int]]) -> None:
        events = EVENT_WRITE if event & ~select.EPOLLIN else 0
        events |= EVENT_READ if event & ~select.EPOLLOUT else 0
        if events & key.events:
            ready.append((key, events & key.events))


class _KeysByFile(Mapping[Any, SelectorKey]):
    """A view of the keys."""

    def __init__(self, keys: dict[int, SelectorKey]) -> None:
        self._keys = keys

    def __getitem__(self, fileobj: Any) -> SelectorKey:
        return self._keys[_descriptor(fileobj)]

    def __iter__(self) -> Iterator[int]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def _serve(ear: Callable[[], None]) -> None:
    try:
        ear()
    except Exception:
        log.exception("what came by a socket, or was due, broke us")


def _rounded(timeout: float) -> float:
    """Up to the next millisecond, or the loop would ask again and again within the last one."""
    if timeout == math.inf:
        return -1
    return 0 if timeout <= 0 else math.ceil(min(timeout, _LONGEST_S) / _MS) * _MS


def _descriptor(fileobj: Any) -> int:
    return fileobj if isinstance(fileobj, int) else int(fileobj.fileno())
