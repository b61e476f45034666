"""Presence of a number for softphones that know nothing of lamps: application/pidf+xml.

PURE. RFC 3856 §6, RFC 3863, and one activity of RFC 4480. ``closed``: no phone of the number can be
reached; ``open``: one can; with ``on-the-phone`` as long as it has a call.
"""

from __future__ import annotations

from appliance.sip.xml_text import xml_text

CONTENT_TYPE = "application/pidf+xml"
_ON_THE_PHONE = (
    '<dm:person id="p"><rpid:activities><rpid:on-the-phone/></rpid:activities></dm:person>\n'
)


def format_presence(entity: str, *, is_open: bool, is_on_the_phone: bool) -> bytes:
    """The document. entity: the URI that was subscribed to."""
    person = _ON_THE_PHONE if is_on_the_phone else ""
    basic = "open" if is_open else "closed"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<presence xmlns="urn:ietf:params:xml:ns:pidf"'
        ' xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"'
        ' xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid"'
        f' entity="{xml_text(entity)}">\n'
        f'<tuple id="t"><status><basic>{basic}</basic></status></tuple>\n'
        f"{person}</presence>\n"
    ).encode()
