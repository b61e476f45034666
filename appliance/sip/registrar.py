"""The registrar: addresses of record and the phones that registered for them.

PURE: ``now`` is in epoch seconds, since bindings outlive the process. RFC 3261 §10.3, RFC 3327
(Path), RFC 5626 (instances). One REGISTER changes all its contacts or none. Who may register is
decided before (digest); what is kept on disk is decided after (store/registrations.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import blake2s

from appliance.errors import RemoteProtocolError
from appliance.sip import binding as why_not
from appliance.sip.binding import Binding, Change, ChangeKind, Outcome
from appliance.sip.binding_table import BindingTable
from appliance.sip.contact import (
    Contact,
    IsNat,
    is_behind_nat,
    is_same_phone,
    read_contact,
    read_expires,
    way_back,
)
from appliance.sip.events import Hop
from appliance.sip.headers import NameAddr
from appliance.sip.message import Request

__all__ = ["Binding", "Change", "ChangeKind", "Outcome", "Registrar"]

_ONE_HOUR_S = 3600
_LONGEST_NAME = 200
_OUT_OF_ORDER = "CSeq Out Of Order"
_TOO_MANY = "Too Many Phones Registered"


@dataclass(frozen=True, slots=True)
class _Asked:
    """One REGISTER as it came, and when."""

    request: Request
    address_of_record: str
    source: Hop
    max_bindings: int
    now: float


class _Refused(Exception):
    def __init__(self, status: int, reason: str = "", *headers: tuple[str, str]) -> None:
        super().__init__(reason)
        self.outcome = Outcome(status, headers, (), reason)


class Registrar:
    """All bindings of the office. The limits may be changed while it lives (seconds)."""

    def __init__(
        self, min_expires_s: int = 60, max_expires_s: int = 3600, is_nat: IsNat = is_behind_nat
    ) -> None:
        self.min_expires_s = min_expires_s
        self.max_expires_s = max_expires_s
        self._is_nat = is_nat
        self._table = BindingTable()

    # ---- REGISTER

    def register(
        self, request: Request, address_of_record: str, source: Hop, max_bindings: int, now: float
    ) -> Outcome:
        """Apply one authenticated REGISTER (RFC 3261 §10.3 steps 6-8) and tell its answer.

        now: epoch seconds. The caller keeps ``changes`` on disk and sends status and headers.
        """
        asked = _Asked(request, address_of_record, source, max_bindings, now)
        try:
            changes = self._changes_asked(asked)
        except RemoteProtocolError as error:
            return Outcome(error.status, (), (), str(error)[:80])
        except _Refused as refused:
            return refused.outcome
        self._applied(changes)
        return Outcome(200, self._listing(asked), changes)

    def _changes_asked(self, asked: _Asked) -> tuple[Change, ...]:
        contacts = asked.request.contacts
        if any(c.uri == "*" for c in contacts):
            return self._all_removed(asked, len(contacts))
        call_id, cseq = asked.request.call_id, asked.request.cseq.number
        phones = self._table.of(asked.address_of_record)
        changes: list[Change] = []
        for contact, expires_s in self._granted_all(contacts, asked.request):
            old = _find(phones.values(), contact, call_id, asked.source)
            old = old or phones.get(_new_key(asked, contact))
            if old is not None and self._is_out_of_order(old, call_id, cseq):
                raise _Refused(500, _OUT_OF_ORDER)
            if expires_s:
                new = self._bind(asked, contact, old, expires_s)
                phones[new.key] = new
                kind = ChangeKind.REFRESHED if old else ChangeKind.ADDED
                changes.append(Change(kind, new))
            elif old is not None:
                del phones[old.key]
                changes.append(Change(ChangeKind.REMOVED, old, why_not.UNREGISTERED))
        changes += _make_room(phones, changes, asked.max_bindings)
        return tuple(changes)

    def _all_removed(self, asked: _Asked, contacts: int) -> tuple[Change, ...]:
        """``Contact: *``: alone, and with Expires 0 (RFC 3261 §10.3 step 6)."""
        request = asked.request
        if contacts != 1 or (request.headers.get("Expires") or "").strip() != "0":
            raise _Refused(400, "Contact * Needs Expires 0 And No Other Contact")
        phones = self.bindings(asked.address_of_record)
        call_id, cseq = request.call_id, request.cseq.number
        if any(self._is_out_of_order(b, call_id, cseq) for b in phones):
            raise _Refused(500, _OUT_OF_ORDER)
        return tuple(Change(ChangeKind.REMOVED, b, why_not.UNREGISTERED) for b in phones)

    def _is_out_of_order(self, binding: Binding, call_id: str, cseq: int) -> bool:
        """True when this binding was made by the same Call-ID at this CSeq or a later one."""
        return (
            binding.call_id == call_id
            and cseq <= binding.cseq
            and self.binding(binding.key) is binding
        )

    def _granted_all(
        self, contacts: Iterable[NameAddr], request: Request
    ) -> list[tuple[Contact, int]]:
        """Contacts with their seconds; removals first: some phones swap theirs in one REGISTER."""
        read = [read_contact(c) for c in contacts]
        granted = [(c, self._granted(c, request)) for c in read]
        if len(granted) > 1:
            granted.sort(key=lambda pair: pair[1] > 0)
        return granted

    def _granted(self, contact: Contact, request: Request) -> int:
        """Contact's expires before the Expires header before the default; 0 = remove."""
        wanted = contact.expires_s
        if wanted is None:
            header = request.headers.get("Expires")
            wanted = self.max_expires_s if header is None else read_expires(header)
        if 0 < wanted < min(self.min_expires_s, _ONE_HOUR_S):
            raise _Refused(423, "", ("Min-Expires", str(self.min_expires_s)))
        return min(wanted, self.max_expires_s)

    def _bind(
        self, asked: _Asked, contact: Contact, old: Binding | None, expires_s: int
    ) -> Binding:
        request, source = asked.request, asked.source
        is_nat = self._is_nat(contact.uri, source)
        hop = way_back(contact, request, source, is_nat)
        is_same_way = old is not None and (old.hop is hop or old.hop == hop)
        return Binding(
            key=old.key if old else _new_key(asked, contact),
            address_of_record=asked.address_of_record,
            contact_uri=contact.text,
            hop=hop,
            expires_at=asked.now + expires_s,
            call_id=request.call_id,
            cseq=request.cseq.number,
            q=contact.q,
            user_agent=(request.headers.get("User-Agent") or "")[:_LONGEST_NAME],
            instance=contact.instance,
            reg_id=contact.reg_id,
            path=tuple(request.headers.values("Path")),
            is_behind_nat=is_nat,
            round_trip_ms=old.round_trip_ms if old and is_same_way else None,
            is_reachable=old.is_reachable if old and is_same_way else True,
            why=old.why if old and is_same_way else "",
        )

    def _listing(self, asked: _Asked) -> tuple[tuple[str, str], ...]:
        """Every current Contact with its remaining seconds, and the Path as it came (RFC 3327)."""
        contacts = [
            ("Contact", _format_contact(b, asked.now))
            for b in self.bindings(asked.address_of_record)
        ]
        paths = [("Path", value) for value in asked.request.headers.values("Path")]
        return (*contacts, *paths)

    # ---- look-ups

    def bindings(self, address_of_record: str) -> tuple[Binding, ...]:
        """The phones of a number: highest q first, then in the order of their first REGISTER."""
        phones = self._table.of(address_of_record).values()
        return tuple(sorted(phones, key=lambda b: -b.q))

    def binding(self, key: str) -> Binding | None:
        return self._table.get(key)

    def all(self) -> tuple[Binding, ...]:
        """Every phone of the office."""
        return self._table.all()

    def absence(self, address_of_record: str) -> str:
        """Why a number without phones has none: a key of sip/binding.py; empty if it has some."""
        return self._table.absence(address_of_record)

    # ---- time, and news of the network

    def next_expiry(self) -> float | None:
        """Epoch seconds when ``expire`` is due; None when nobody is registered."""
        due = self._table.next_expiry()
        return due[0] if due else None

    def expire(self, now: float) -> tuple[Change, ...]:
        """Remove the phones whose time is over."""
        changes = []
        while (due := self._table.next_expiry()) is not None and due[0] <= now:
            change = Change(ChangeKind.REMOVED, due[1], why_not.EXPIRED)
            self._table.apply(change)
            changes.append(change)
        return tuple(changes)

    def qualified(
        self, key: str, round_trip_ms: float | None, why: str, now: float
    ) -> tuple[Change, ...]:
        """Note what an OPTIONS to a phone said (binding.why_refused makes ``why`` of a status).

        round_trip_ms None = it cannot be called because of ``why``; an unknown key changes nothing,
        and so does a phone whose time is over at ``now``.
        """
        old = self._table.get(key)
        if old is None or old.expires_at <= now:
            return ()
        is_reachable = round_trip_ms is not None and not why
        return self._requalified(
            [(old, round_trip_ms, "" if is_reachable else why or why_not.NO_ANSWER)]
        )

    def connection_lost(self, connection: int) -> tuple[Change, ...]:
        """A stream closed: phones behind NAT that were only reachable by it are so no more."""
        lost = [b for b in self.all() if b.is_behind_nat and b.hop.connection == connection != 0]
        return self._requalified([(b, None, why_not.CONNECTION_LOST) for b in lost])

    def clock_stepped(self, by_s: float) -> tuple[Change, ...]:
        """The wall clock was set (a box without a battery clock learns the time from the network).

        What is left to every phone stays as it was, or all would expire at once.
        """
        return self._applied(
            Change(ChangeKind.REFRESHED, replace(b, expires_at=b.expires_at + by_s))
            for b in self.all()
        )

    def restore(self, bindings: Iterable[Binding], now: float) -> None:
        """Take over what another run of the daemon left; its streams are gone.

        No registration lasts longer than we grant: what claims to was made while the clock was
        wrong (ahead then, or behind now).
        """
        for kept in bindings:
            is_lost = kept.hop.transport.is_reliable and kept.is_behind_nat
            expires_at = min(kept.expires_at, now + self.max_expires_s)
            new = replace(
                kept,
                hop=replace(kept.hop, connection=0),
                round_trip_ms=None,
                expires_at=expires_at,
            )
            if is_lost:
                new = replace(new, is_reachable=False, why=why_not.CONNECTION_LOST)
            self._table.keep(new)

    def retain(self, addresses_of_record: frozenset[str]) -> tuple[Change, ...]:
        """Remove the phones of every number that is not among these."""
        strangers = [b for b in self.all() if b.address_of_record not in addresses_of_record]
        return self._applied(Change(ChangeKind.REMOVED, b, why_not.REMOVED) for b in strangers)

    def _requalified(self, news: Iterable[tuple[Binding, float | None, str]]) -> tuple[Change, ...]:
        return self._applied(
            Change(
                ChangeKind.QUALIFIED,
                replace(old, round_trip_ms=round_trip_ms, is_reachable=not why, why=why),
                why,
            )
            for old, round_trip_ms, why in news
        )

    def _applied(self, changes: Iterable[Change]) -> tuple[Change, ...]:
        done = tuple(changes)
        for change in done:
            self._table.apply(change)
        return done


def _find(phones: Iterable[Binding], contact: Contact, call_id: str, source: Hop) -> Binding | None:
    return next((b for b in phones if is_same_phone(b, contact, call_id, source)), None)


def _make_room(
    phones: dict[str, Binding], changes: list[Change], max_bindings: int
) -> list[Change]:
    """Dead phones give way, the one that expires first before others; else the REGISTER fails."""
    excess = len(phones) - max_bindings
    if excess <= 0 or not any(c.kind is ChangeKind.ADDED for c in changes):
        return []
    touched = {c.binding.key for c in changes}
    dead = [b for b in phones.values() if not b.is_reachable and b.key not in touched]
    if len(dead) < excess:
        raise _Refused(403, _TOO_MANY, ("Warning", f'399 dozvon "{_TOO_MANY}: {max_bindings}"'))
    dead.sort(key=lambda b: b.expires_at)
    return [Change(ChangeKind.REMOVED, b, why_not.REPLACED) for b in dead[:excess]]


def _new_key(asked: _Asked, contact: Contact) -> str:
    """A name for a phone that is the same whenever it comes back: what identifies it, hashed.

    A reg-id without an instance says nothing (RFC 5626 §6).
    """
    who = f"{contact.text} {asked.source.host}"
    if contact.instance:
        who = contact.instance + contact.reg_id
    text = (
        f"{asked.address_of_record} {who} {asked.request.call_id if not contact.instance else ''}"
    )
    return blake2s(text.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()


def _format_contact(binding: Binding, now: float) -> str:
    text = f"<{binding.contact_uri}>;expires={max(0, math.ceil(binding.expires_at - now))}"
    if binding.q != 1.0:
        text += f";q={binding.q:.3f}"
    if binding.instance:
        text += f';+sip.instance="{binding.instance}"'
    if binding.reg_id:
        text += f";reg-id={binding.reg_id}"
    return text
