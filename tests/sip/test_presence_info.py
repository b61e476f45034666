"""Tests of appliance/sip/presence_info.py: PIDF, read back by another parser."""

from __future__ import annotations

import xml.etree.ElementTree as Xml

import pytest

from appliance.sip.presence_info import format_presence

PIDF = "{urn:ietf:params:xml:ns:pidf}"
RPID = "{urn:ietf:params:xml:ns:pidf:rpid}"


@pytest.mark.parametrize(
    ("is_open", "is_busy", "basic"),
    [(False, False, "closed"), (True, False, "open"), (True, True, "open")],
)
def test_who_can_be_reached(is_open: bool, is_busy: bool, basic: str) -> None:
    octets = format_presence("sip:a&b@h", is_open=is_open, is_on_the_phone=is_busy)
    document = Xml.fromstring(octets)
    assert (document.tag, document.get("entity")) == (f"{PIDF}presence", "sip:a&b@h")
    assert document.findtext(f"{PIDF}tuple/{PIDF}status/{PIDF}basic") == basic
    assert (document.find(f".//{RPID}on-the-phone") is not None) is is_busy
    # Softphones look for the very words.
    assert (b"<rpid:on-the-phone/>" in octets) is is_busy
