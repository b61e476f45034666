"""Bindings outlive the daemon."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import fields, replace
from pathlib import Path

from appliance.sip.binding import Binding, Change, ChangeKind
from appliance.sip.events import Hop, Transport
from appliance.store.binding_codec import COLUMNS
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
    assert RegistrationStore(writer).apply(_add(measured))
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
    assert not store.apply((Change(ChangeKind.QUALIFIED, slow),))
    back = replace(PHONE, is_reachable=True, why="", round_trip_ms=5.0)
    assert store.apply((Change(ChangeKind.QUALIFIED, back),))
    assert not store.apply((Change(ChangeKind.QUALIFIED, back),))
    assert [b.is_reachable for b in _load(writer)] == [True]


def test_changes_of_a_moment_are_one_piece_and_the_latest_of_a_phone_is_written(
    writer: StateWriter, path: Path
) -> None:
    is_free = threading.Event()
    writer.submit(lambda db: is_free.wait(10))
    store, commits = RegistrationStore(writer), writer.commits
    for cseq in range(50):
        store.apply(_add(replace(PHONE, cseq=cseq), replace(PHONE, key="k2", cseq=cseq)))
    is_free.set()
    assert sorted((b.key, b.cseq) for b in _load(writer)) == [("k1", 49), ("k2", 49)]
    assert writer.commits <= commits + 2


def test_another_ones_failure_never_lets_an_older_binding_follow_a_newer(
    writer: StateWriter,
) -> None:
    """All pieces run again then, and meanwhile the phone has registered anew."""
    store = RegistrationStore(writer)
    is_free = threading.Event()
    writer.submit(lambda db: is_free.wait(10))
    runs: list[int] = []

    def fails(db: object) -> None:
        runs.append(1)
        store.apply(_add(replace(PHONE, cseq=7 + len(runs))))
        raise ValueError("no")

    store.apply(_add(PHONE))
    failed = writer.submit(fails)
    is_free.set()
    assert isinstance(failed.exception(10), ValueError) and len(runs) == 2
    assert [b.cseq for b in _load(writer)] == [9]


def test_a_binding_is_kept_as_plain_json(writer: StateWriter) -> None:
    quoting = replace(PHONE, user_agent='a "quoted" \\ name\n', path=(), is_reachable=True)
    RegistrationStore(writer).apply(_add(quoting))
    assert _load(writer) == [quoting]
    text = writer.submit(lambda db: db.execute("SELECT detail FROM bindings").fetchone()).result(5)
    detail = json.loads(text[0].partition("\n#")[0])
    assert detail["user_agent"] == quoting.user_agent
    # A field that a binding gets one day, and that is not written, fails here.
    assert {*detail, *COLUMNS, "round_trip_ms"} - {"detail"} == {f.name for f in fields(Binding)}
