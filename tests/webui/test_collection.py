"""Tests of webui/collection.py."""

from __future__ import annotations

from appliance.config.model import Did, Document
from webui.collection import found, raised, with_form, without

ONE = Did(number="+74950000001", trunk="t", extension="2001")
TWO = Did(number="+74950000002", trunk="t", extension="2002")
OFFICE = Document(dids=(ONE, TWO))
FIELDS = ("number", "extension")


def test_one_is_found_changed_moved_and_removed_and_the_rest_stays() -> None:
    assert found(OFFICE, "dids", TWO.number) == TWO and found(OFFICE, "dids", "+7") is None
    values = {"number": "+74950000009", "extension": "2009"}
    changed = with_form(OFFICE, "dids", ONE.number, FIELDS, values).document
    assert changed.dids == (Did(number="+74950000009", trunk="t", extension="2009"), TWO)
    added = with_form(OFFICE, "dids", "", (*FIELDS, "trunk"), values | {"trunk": "t"}).document
    assert [d.number for d in added.dids] == [ONE.number, TWO.number, "+74950000009"]
    assert without(OFFICE, "dids", ONE.number).document.dids == (TWO,)
    assert raised(OFFICE, "dids", TWO.number).document.dids == (TWO, ONE)
    assert raised(OFFICE, "dids", ONE.number).document == OFFICE
