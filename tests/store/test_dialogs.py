"""Dialogs in state.db: they come back as they were, a leap further on, and fit for sending."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace

import pytest

from appliance.sip.dialog import Dialog
from appliance.sip.events import Hop, Transport
from appliance.store.dialogs import DialogStore, KeptDialog
from appliance.store.writer import StateWriter


def make_dialog() -> Dialog:
    return Dialog(
        call_id="c@x",
        local='"Анна" <sip:2001@box>;tag=l',
        remote="<sip:2002@phone>;tag=r\udcff",
        local_tag="l",
        remote_tag="r\udcff",
        remote_target="sip:2002@192.168.1.5:5062",
        route_set=("<sip:proxy;lr>",),
        hop=Hop(Transport.TCP, "192.168.1.5", 5062, 7),
        keeps_hop=True,
        local_cseq=3,
        remote_cseq=2,
    )


def load(store: DialogStore) -> list[KeptDialog]:
    return asyncio.run(store.load())


def test_what_was_kept_comes_back(writer: StateWriter) -> None:
    store = DialogStore(writer)
    store.apply([KeptDialog("k", make_dialog(), "trunk one", "one")], ())
    (kept,) = load(store)
    assert (kept.key, kept.party, kept.trunk) == ("k", "trunk one", "one")
    wanted = make_dialog()
    found = kept.dialog
    for field in fields(Dialog):
        if field.name not in ("hop", "local_cseq"):
            assert getattr(found, field.name) == getattr(wanted, field.name)
    assert found.hop == replace(wanted.hop, connection=0)
    assert 3 < found.request("BYE").cseq.number < 2**31


def test_a_row_is_renewed_and_forgotten(writer: StateWriter) -> None:
    store = DialogStore(writer)
    store.apply([KeptDialog("k", make_dialog(), "a"), KeptDialog("m", make_dialog(), "b")], ())
    store.apply([KeptDialog("k", make_dialog(), "c")], ["m"])
    assert [k.party for k in load(store)] == ["c"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"party":1,"trunk":2,"hop":[]}'])
def test_what_cannot_be_read_is_passed_over(writer: StateWriter, text: str) -> None:
    store = DialogStore(writer)
    store.apply([KeptDialog("k", make_dialog(), "a")], ())
    writer.submit(lambda db: db.execute("INSERT INTO dialogs VALUES ('x', ?)", (text,))).result(5)
    assert [k.key for k in load(store)] == ["k"]
