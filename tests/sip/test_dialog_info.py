"""Tests of appliance/sip/dialog_info.py: RFC 4235 documents, read back by another parser."""

from __future__ import annotations

import xml.etree.ElementTree as Xml

import pytest

from appliance.sip.dialog_info import DialogInfo, PartyInfo, format_dialog_info

NS = "{urn:ietf:params:xml:ns:dialog-info}"
LOCAL = PartyInfo("sip:2002@192.168.1.1", "Ольга & Co")
CALLER = PartyInfo("sip:+74951234567@192.168.1.1", '<Иван "Д">')
HOSTILE = "a&b<c>\"d\"'e'\x00\x07\ud800\ufffe\r\n{{x}}]]>"


def read(*dialogs: DialogInfo, entity: str = "sip:2002@h", version: int = 3) -> Xml.Element:
    return Xml.fromstring(format_dialog_info(entity, version, LOCAL, dialogs))


def test_a_call_that_rings() -> None:
    document = read(DialogInfo("c1-2", True, "early", CALLER))
    assert document.tag == f"{NS}dialog-info"
    assert document.attrib == {"version": "3", "state": "full", "entity": "sip:2002@h"}
    (dialog,) = document
    assert dialog.attrib == {"id": "c1-2", "direction": "recipient"}
    assert dialog.findtext(f"{NS}state") == "early"
    local, remote = dialog.find(f"{NS}local"), dialog.find(f"{NS}remote")
    assert local is not None and remote is not None
    for party, said in ((local, LOCAL), (remote, CALLER)):
        identity, target = party.find(f"{NS}identity"), party.find(f"{NS}target")
        assert identity is not None and target is not None
        assert (identity.get("display"), identity.text) == (said.name, said.uri)
        assert target.get("uri") == said.uri


def test_a_call_of_its_own_and_one_that_is_over() -> None:
    document = read(DialogInfo("1", False, "confirmed"), DialogInfo("2", True, "terminated"))
    first, second = document
    assert first.get("direction") == "initiator"
    assert first.find(f"{NS}remote") is None and first.find(f"{NS}local") is not None
    assert (second.get("direction"), second.findtext(f"{NS}state")) == (None, "terminated")


def test_the_parties_of_the_first_call_alone_are_named() -> None:
    caller = PartyInfo("sip:+74951234567@192.168.1.1", "Ж" * 200)
    dialogs = [DialogInfo(f"0123456789ab-{n}", True, "early", caller) for n in range(4)]
    octets = format_dialog_info("sip:2002@192.168.1.1:5060", 99, LOCAL, dialogs)
    first, *others = Xml.fromstring(octets)
    identity = first.find(f"{NS}remote/{NS}identity")
    assert identity is not None and identity.get("display") == "Ж" * 64
    assert [list(dialog)[1:] for dialog in others] == [[], [], []]
    assert len(octets) < 900


@pytest.mark.parametrize("text", [HOSTILE, "", "'", "😀", "]]>"])
def test_any_text_makes_a_document(text: str) -> None:
    party = PartyInfo(f"sip:{text}@h", text)
    document = Xml.fromstring(
        format_dialog_info(f"sip:{text}@h", 0, party, [DialogInfo(text, True, "early", party)])
    )
    kept = "".join(c for c in text if c not in "\x00\x07\ud800\ufffe").replace("\r\n", "  ")
    assert document.get("entity") == f"sip:{kept}@h"
    assert document[0].get("id") == kept
