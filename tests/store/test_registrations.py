"""Bindings outlive the daemon."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from appliance.sip.binding import Binding, Change, ChangeKind
from appliance.sip.events import Hop, Transport
from appliance.store.database import open_for_reading
from appliance.store.registrations import RegistrationStore, read_all
from appliance.store.writer import StateWriter

PHONE = Binding(
    key="k1",
    address_of_record="2001",
    contact_uri=b"sip:2001\xff@192.168.1.5;line=1".decode("utf-8", "surrogateescape"),
    hop=Hop(Transport.TCP, "2001:db8::5", 40123, 0),
    expires_at=5000.5,
    call_id="a@b",
    cseq=7,
    q=0.5,
    user_agent="Телефон/1.0",
    instance="<urn:uuid:1>",
    reg_id="1",
    path=("<sip:edge.example;lr>", "<sip:core.example;lr>"),
    is_behind_nat=True,
    is_reachable=False,
    why="no_answer",
)


def _load(writer: StateWriter, now: float = 1000.0) -> list[Binding]:
    return asyncio.run(RegistrationStore(writer).load(now))


def _add(*phones: Binding) -> tuple[Change, ...]:
    return tuple(Change(ChangeKind.ADDED, p) for p in phones)


def test_a_binding_comes_back_as_it_was(writer: StateWriter, path: Path) -> None:
    measured = replace(PHONE, round_trip_ms=12.0, hop=replace(PHONE.hop, connection=9))
    kept = RegistrationStore(writer).apply(_add(measured))
    assert kept is not None
    kept.result(10)
    assert _load(writer) == [PHONE]
    reader = open_for_reading(path)
    assert read_all(reader) == [PHONE]
    reader.close()


def test_changes_apply_in_order(writer: StateWriter) -> None:
    store = RegistrationStore(writer)
    other = replace(PHONE, key="k2")
    store.apply(_add(PHONE, other))
    store.apply(
        (
            Change(ChangeKind.REMOVED, PHONE),
            Change(ChangeKind.ADDED, replace(PHONE, cseq=8)),
            Change(ChangeKind.REMOVED, other),
        )
    )
    assert [(b.key, b.cseq) for b in _load(writer)] == [("k1", 8)]


def test_what_expired_meanwhile_is_thrown_away(writer: StateWriter, path: Path) -> None:
    RegistrationStore(writer).apply(_add(PHONE, replace(PHONE, key="k2", expires_at=6000.0)))
    assert [b.key for b in _load(writer, now=5000.5)] == ["k2"]
    reader = open_for_reading(path)
    assert len(read_all(reader)) == 1
    reader.close()


def test_round_trips_alone_are_not_written(writer: StateWriter) -> None:
    store = RegistrationStore(writer)
    store.apply(_add(PHONE))
    slow = replace(PHONE, round_trip_ms=90.0)
    assert store.apply((Change(ChangeKind.QUALIFIED, slow),)) is None
    back = replace(PHONE, is_reachable=True, why="", round_trip_ms=5.0)
    assert store.apply((Change(ChangeKind.QUALIFIED, back),)) is not None
    assert store.apply((Change(ChangeKind.QUALIFIED, back),)) is None
    assert [b.is_reachable for b in _load(writer)] == [True]
