"""Rings and caller id as a modem tells them, gathered into events.

PURE. Lines come one by one, in any order and case, some never: the record is told as soon as
number and name are there, else 80 ms after the last line; a line that comes later still renews it.
A ring is over when none was heard for 7 s (the longest national cycle is 6 s).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from drivers.caller_id import decode_fsk
from drivers.caller_name import decode_name
from drivers.events import CallerIdRecord, CallerIdStatus
from drivers.modem_v253.replies import field_of

_QUIET_S = 0.08
_FORGET_S = 3.0
_RING_OVER_S = 7.0
_STATUS = {
    "P": CallerIdStatus.WITHHELD,
    "PRIVATE": CallerIdStatus.WITHHELD,
    "O": CallerIdStatus.UNAVAILABLE,
    "OUT OF AREA": CallerIdStatus.UNAVAILABLE,
    "": CallerIdStatus.UNAVAILABLE,
}


@dataclass(slots=True)
class CallerIdGatherer:
    """The caller id of one ringing."""

    _fields: dict[str, str] = field(default_factory=dict)
    _told: dict[str, str] = field(default_factory=dict)
    _last_at: float = 0.0

    def add(self, line: str, now: float) -> None:
        """A caller-id line."""
        name, value = field_of(line)
        if now - self._last_at > _FORGET_S:
            self.forget()
        self._fields[name] = value
        self._last_at = now

    def forget(self) -> None:
        self._fields.clear()
        self._told.clear()

    @property
    def deadline(self) -> float | None:
        """When what has come is told as it is."""
        return self._last_at + _QUIET_S if self._fields != self._told else None

    def take(self, now: float) -> CallerIdRecord | None:
        """The record, if it is due now and says anything new."""
        if self._fields == self._told:
            return None
        packet = _record_of_packet(self._fields.get("MESG", ""))
        is_whole = packet is not None or {"NMBR", "NAME"} <= self._fields.keys()
        if not is_whole and now < self._last_at + _QUIET_S:
            return None
        self._told = dict(self._fields)
        return packet or (_record(self._fields) if "NMBR" in self._fields else None)


def _record_of_packet(text: str) -> CallerIdRecord | None:
    """The whole FSK message in hex, where the modem gives it (+VCID=2): nothing is lost of it."""
    try:
        record = decode_fsk(bytes.fromhex(text))
    except ValueError:
        return None
    return replace(record, source="modem") if isinstance(record, CallerIdRecord) else None


def _record(fields: dict[str, str]) -> CallerIdRecord:
    number = fields["NMBR"]
    status = _STATUS.get(number.upper(), CallerIdStatus.GIVEN)
    digits = re.sub(r"[^\d+*#]", "", number) if status is CallerIdStatus.GIVEN else ""
    if status is CallerIdStatus.GIVEN and not digits:
        status = CallerIdStatus.UNAVAILABLE
    name = decode_name(fields.get("NAME", "").encode("latin-1"))
    moment = re.sub(r"\D", "", fields.get("DATE", "") + fields.get("TIME", ""))
    return CallerIdRecord(
        number=digits,
        name="" if name.upper() in ("O", "P") else name,
        time=moment if len(moment) == 8 else "",
        status=status,
        source="modem",
    )


@dataclass(slots=True)
class RingWatch:
    """Is it ringing? One RingStarted a ringing, one RingStopped after the last."""

    last_at: float | None = None
    count: int = 0

    def ring(self, now: float) -> bool:
        """A ring was told; True when it is the first."""
        is_first = self.last_at is None
        self.last_at = now
        self.count = 1 if is_first else self.count + 1
        return is_first

    def forget(self) -> None:
        """The line was seized, or the modem is gone."""
        self.last_at, self.count = None, 0

    @property
    def deadline(self) -> float | None:
        return None if self.last_at is None else self.last_at + _RING_OVER_S

    def take_stop(self, now: float) -> bool:
        """True once, when the ringing has ended unanswered."""
        if self.deadline is None or now < self.deadline:
            return False
        self.forget()
        return True
