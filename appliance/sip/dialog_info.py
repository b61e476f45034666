"""The lamp's document: which calls a number has, as application/dialog-info+xml.

PURE. RFC 4235, always the full state. As field phones read it: a document without a dialog leaves
the lamps of some as they were, so that an idle number is said to have one that is terminated; some
look at the first dialog alone, so that the caller puts the one that matters most in front; all know
``early``, ``confirmed`` and ``terminated``, and not all the other states. The dialog in front has a
Call-ID and tags where the reader may ask for its place by INVITE with Replaces (replaces.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from appliance.sip.replaces import DialogName
from appliance.sip.xml_text import xml_text

CONTENT_TYPE = "application/dialog-info+xml"
#: A NOTIFY shall fit in a datagram (RFC 3261 §18.1.1): the parties of the first dialog are named,
#: those behind it are told by state alone, and a name has an end.
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class PartyInfo:
    """URI and display name, which may be empty."""

    uri: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class DialogInfo:
    """One call. ident: the same as long as it lasts; state: early, confirmed or terminated; remote
    None = not told; name: for who may ask for its place, None = nobody."""

    ident: str
    is_recipient: bool
    state: str
    remote: PartyInfo | None = None
    name: DialogName | None = None


def format_dialog_info(
    entity: str, version: int, local: PartyInfo, dialogs: Sequence[DialogInfo]
) -> bytes:
    """The document. entity: the URI that was subscribed to; version: 0, 1, 2 … of its NOTIFYs;
    local: whose dialogs they are."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"'
        f' version="{version}" state="full" entity="{xml_text(entity)}">\n'
    ]
    for place, dialog in enumerate(dialogs):
        parts += _dialog(dialog, None if place else local)
    parts.append("</dialog-info>\n")
    return "".join(parts).encode("utf-8")


def _dialog(dialog: DialogInfo, local: PartyInfo | None) -> list[str]:
    ident = xml_text(dialog.ident)
    if dialog.state == "terminated":
        return [f'<dialog id="{ident}"><state>terminated</state></dialog>\n']
    direction = "recipient" if dialog.is_recipient else "initiator"
    name = _name(dialog.name) if local is not None else ""
    parts = [f'<dialog id="{ident}"{name} direction="{direction}"><state>{dialog.state}</state>\n']
    if local is not None:
        parts.append(_party("local", local))
        if dialog.remote is not None:
            parts.append(_party("remote", dialog.remote))
    parts.append("</dialog>\n")
    return parts


def _name(name: DialogName | None) -> str:
    """The attributes by which an INVITE with Replaces finds it (RFC 4235 §4.1.2)."""
    if name is None:
        return ""
    told = f' call-id="{xml_text(name.call_id)}"'
    return f'{told} local-tag="{name.local_tag}" remote-tag="{name.remote_tag}"'


def _party(role: str, party: PartyInfo) -> str:
    name = xml_text(party.name[:_LONGEST_NAME])
    display = f' display="{name}"' if name else ""
    uri = xml_text(party.uri)
    return f'<{role}><identity{display}>{uri}</identity><target uri="{uri}"/></{role}>\n'
