"""Hidden extensions: the self-test's, which exists for seconds, and phones without a number.

Owns at most one guest of the self-test with its secret and its end. It is known at one address of
this machine only, may call the echo test and nothing else (no class of service opens more,
emergency numbers neither), cannot be called, and is in no list, no binding and no row of the
journal. Phones without a number are appliance/phones' own; here they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from appliance.clock import Alarm, Clock
from appliance.config.model import ClassOfService, DestinationKind, Extension, Snapshot
from appliance.errors import UserError
from appliance.routing.feature import SELF_TEST_CLASS
from appliance.sip.events import Hop, RequestReceived
from appliance.sip.ids import Ids

LIMIT_S = 30
_CLASS = ClassOfService(name=SELF_TEST_CLASS, allows=(DestinationKind.FEATURE,))


@dataclass(frozen=True, slots=True)
class Guest:
    """The extension, and the only address that it may speak from."""

    extension: Extension
    host: str


class Unclaimed(Protocol):
    """Phones without a number (phones/guest_phones.py)."""

    def extension(self, number: str) -> Extension | None: ...
    def registered(self, number: str, event: RequestReceived) -> int: ...


class NoUnclaimed:
    """A box without such phones."""

    def extension(self, number: str) -> Extension | None:
        return None

    def registered(self, number: str, event: RequestReceived) -> int:
        return LIMIT_S


class Guests:
    """None of the self-test, or one; and as many phones without a number as there are."""

    def __init__(
        self, clock: Clock, ids: Ids, snapshot: Callable[[], Snapshot], unclaimed: Unclaimed
    ) -> None:
        self._clock = clock
        self._ids = ids
        self.snapshot = snapshot
        self.unclaimed = unclaimed
        self._guest: Guest | None = None
        self._alarm: Alarm | None = None

    def begin(self, host: str, at_end: Callable[[str], None]) -> Extension:
        """A new guest at an address of ours, for LIMIT_S at most; at_end is told its number.

        Raises UserError ``selftest.busy`` while there is one.
        """
        if self._guest is not None:
            raise UserError("selftest.busy", seconds=LIMIT_S)
        extension = Extension(
            number=f"self-test-{self._ids.token(32)}",
            name="Self-test",
            secret=self._ids.token(128),
            class_of_service=_CLASS.name,
            max_calls=1,
        )
        self._guest = Guest(extension, host)
        self._alarm = self._clock.call_later(LIMIT_S, lambda: self._over(at_end))
        return extension

    def end(self) -> str:
        """Forget the guest; its number, or empty when there is none."""
        guest, self._guest = self._guest, None
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        return guest.extension.number if guest is not None else ""

    def at(self, number: str, source: Hop) -> Extension | None:
        """The guest of this number, when it speaks from where it must."""
        guest = self._guest
        if guest is None or guest.extension.number != number or guest.host != source.host:
            return None
        return guest.extension

    def hidden(self, number: str, source: Hop) -> Extension | None:
        """The hidden extension of this number: the guest where it must be, or a phone's."""
        return self.at(number, source) or self.unclaimed.extension(number)

    def has(self, number: str) -> bool:
        """Whether this is the number of the guest of the self-test."""
        return self._guest is not None and self._guest.extension.number == number

    def may_dial(self, dialled: str) -> bool:
        """The echo test, and nothing else."""
        code = self.snapshot().document.dialling.echo_code
        return bool(code) and dialled == code

    def snapshot_for(self, number: str) -> Snapshot:
        """The settings that a call of this extension runs with: those in force, and the guest."""
        snapshot = self.snapshot()
        if self._guest is not None and self.has(number):
            return _with_hidden(snapshot, self._guest.extension)
        unclaimed = self.unclaimed.extension(number) if number else None
        return _with_hidden(snapshot, unclaimed) if unclaimed else snapshot

    def _over(self, at_end: Callable[[str], None]) -> None:
        at_end(self.end())


def _with_hidden(snapshot: Snapshot, extension: Extension) -> Snapshot:
    document = snapshot.document
    with_guest = replace(
        document,
        classes=(*document.classes, _CLASS),
        extensions=(*document.extensions, extension),
    )
    return replace(snapshot, document=with_guest)
