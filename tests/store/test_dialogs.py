"""Dialogs in state.db: they come back as they were, a leap further on, and fit for sending."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace

import pytest

from appliance.sip.dialog import Dialog
from appliance.sip.events import Hop, Transport
from appliance.sip.message import Request, parse_message
from appliance.sip.unfinished_invite import UnfinishedInvite
from appliance.store.dialog_codec import Kept, KeptDialog, KeptInvite
from appliance.store.dialogs import DialogStore
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


BROKEN_INVITE = (
    '{"invite":"BYE sip:x SIP/2.0","hop":["UDP","192.168.1.5",5060],"party":"a",'
    '"local_tag":"l","is_ours":true}'
)


def load(store: DialogStore) -> list[Kept]:
    return asyncio.run(store.load())


def test_what_was_kept_comes_back(writer: StateWriter) -> None:
    store = DialogStore(writer)
    store.apply([KeptDialog("k", make_dialog(), "trunk one", "one")], ())
    (kept,) = load(store)
    assert isinstance(kept, KeptDialog)
    assert (kept.key, kept.party, kept.trunk) == ("k", "trunk one", "one")
    wanted = make_dialog()
    found = kept.dialog
    for field in fields(Dialog):
        if field.name not in ("hop", "local_cseq"):
            assert getattr(found, field.name) == getattr(wanted, field.name)
    assert found.hop == replace(wanted.hop, connection=0)
    assert 3 < found.request("BYE").cseq.number < 2**31


INVITE = b"""INVITE sip:2002@192.168.1.5:5062;transport=tcp SIP/2.0\r
Via: SIP/2.0/TCP 192.168.1.2:5060;rport;branch=z9hG4bKb\r
Max-Forwards: 70\r
Route: <sip:proxy;lr>\r
From: "\xff" <sip:2001@box>;tag=l\r
To: <sip:2002@phone>\r
Call-ID: c@x\r
CSeq: 2 INVITE\r
Proxy-Authorization: Digest username="u", response="0123"\r
Content-Type: application/sdp\r
Content-Length: 3\r
\r
v=0"""


def test_an_invite_comes_back_without_what_proves_who_we_are(writer: StateWriter) -> None:
    store = DialogStore(writer)
    request = parse_message(INVITE)
    assert isinstance(request, Request)
    hop = Hop(Transport.TCP, "192.168.1.5", 33000, 7)
    invite = UnfinishedInvite(request, hop, "l", is_ours=True)
    store.apply([KeptInvite("k", invite, "extension 2002")], ())
    (kept,) = load(store)
    assert isinstance(kept, KeptInvite)
    found = kept.invite
    assert (kept.party, found.local_tag, found.is_ours) == ("extension 2002", "l", True)
    assert found.hop == replace(hop, connection=0)
    said = [name for name, _ in found.request.headers.items()]
    assert not set(said) & {"Proxy-Authorization", "Content-Type"}
    assert {"Via", "Route", "From", "To", "Call-ID", "CSeq"} <= set(said)
    assert (found.request.uri, found.request.body) == (request.uri, b"")
    assert found.request.headers.get("From") == request.headers.get("From")


def test_a_row_is_renewed_and_forgotten(writer: StateWriter) -> None:
    store = DialogStore(writer)
    store.apply([KeptDialog("k", make_dialog(), "a"), KeptDialog("m", make_dialog(), "b")], ())
    store.apply([KeptDialog("k", make_dialog(), "c")], ["m"])
    assert [k.party for k in load(store)] == ["c"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"party":1,"trunk":2,"hop":[]}', BROKEN_INVITE])
def test_what_cannot_be_read_is_passed_over(writer: StateWriter, text: str) -> None:
    store = DialogStore(writer)
    store.apply([KeptDialog("k", make_dialog(), "a")], ())
    writer.submit(lambda db: db.execute("INSERT INTO dialogs VALUES ('x', ?)", (text,))).result(5)
    assert [k.key for k in load(store)] == ["k"]
