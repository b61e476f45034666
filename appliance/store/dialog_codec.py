"""What is kept of a dialog or a call that rings, as a row of ``dialogs`` and back.

Owns nothing. A row is whatever a BYE needs (RFC 3261 §12.2.1.1), as it was when it was written; our
own later requests are accounted for by a leap of the sequence number, which may be any that is
higher than the last. A row of an INVITE is its header without what proves who we are: a CANCEL
needs no proof (§22.1).
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, fields
from json.encoder import encode_basestring_ascii as _quoted
from typing import Any

from appliance.errors import RemoteProtocolError
from appliance.sip.check import check_request
from appliance.sip.dialog import Dialog
from appliance.sip.events import Hop, Transport
from appliance.sip.message import Request, format_message, parse_message
from appliance.sip.unfinished_invite import UnfinishedInvite
from appliance.store.checksum import seal, unseal

log = logging.getLogger(__name__)
_FIELDS = tuple(f.name for f in fields(Dialog) if f.name != "hop")
#: More requests of ours than a dialog sees between two looks at it, and few enough for 2**31.
_LEAP = 10_000


@dataclass(frozen=True, slots=True)
class KeptDialog:
    """A dialog as it stood. trunk: whose credentials answer a challenge, or empty; party: its
    name in logs."""

    key: str
    dialog: Dialog
    party: str
    trunk: str = ""


@dataclass(frozen=True, slots=True)
class KeptInvite:
    """A call that rang. party: its name in logs."""

    key: str
    invite: UnfinishedInvite
    party: str


Kept = KeptDialog | KeptInvite
_NOT_KEPT = ("Authorization", "Proxy-Authorization", "Content-Type")


def encode_kept(kept: Kept) -> str:
    """The detail of its row."""
    values = _values_of_dialog(kept) if isinstance(kept, KeptDialog) else _values_of_invite(kept)
    return seal(_object_of(values), kept.key)


def _object_of(values: dict[str, Any]) -> str:
    """JSON in ASCII, which brings back any octets of a header (surrogates here); by hand, since
    each call pays for it."""
    return "{" + ",".join([f'"{name}":{_text_of(value)}' for name, value in values.items()]) + "}"


def _text_of(value: Any) -> str:
    """Of a text, a truth, a whole number, or several."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return "[" + ",".join([_text_of(each) for each in value]) + "]"


def _values_of_dialog(kept: KeptDialog) -> dict[str, Any]:
    values = {name: getattr(kept.dialog, name) for name in _FIELDS}
    return values | {"hop": _words(kept.dialog.hop), "party": kept.party, "trunk": kept.trunk}


def _values_of_invite(kept: KeptInvite) -> dict[str, Any]:
    invite = kept.invite
    headers = invite.request.headers.copy()
    for name in _NOT_KEPT:
        headers.remove(name)
    octets = format_message(Request("INVITE", invite.request.uri, headers))
    return {
        "invite": octets.decode("utf-8", "surrogateescape"),
        "is_ours": invite.is_ours,
        "local_tag": invite.local_tag,
        "hop": _words(invite.hop),
        "party": kept.party,
    }


def _words(hop: Hop) -> list[Any]:
    """Its stream goes with the process: afterwards any stream to that address serves."""
    return [hop.transport.value, hop.host, hop.port]


def decode_kept(key: str, text: str) -> Kept | None:
    """None, and a line in the log, for what cannot be read."""
    try:
        values: dict[str, Any] = json.loads(unseal(text, key))
        party = str(values.pop("party"))
        transport, host, port = values.pop("hop")
        hop = Hop(Transport(transport), host, int(port))
        if "invite" in values:
            return KeptInvite(key, _invite_of(values, hop), party)
        trunk = str(values.pop("trunk"))
        return KeptDialog(key, _dialog_of(values, hop), party, trunk)
    except (ValueError, KeyError, TypeError, AttributeError, RemoteProtocolError) as error:
        log.warning("a kept dialog cannot be read: %s", error)
        return None


def _dialog_of(values: dict[str, Any], hop: Hop) -> Dialog:
    values["route_set"] = tuple(values["route_set"])
    values["local_cseq"] = int(values["local_cseq"]) + _LEAP
    return Dialog(hop=hop, **values)


def _invite_of(values: dict[str, Any], hop: Hop) -> UnfinishedInvite:
    """Raises RemoteProtocolError or ValueError for a header that does not serve."""
    request = parse_message(values["invite"].encode("utf-8", "surrogateescape"))
    if not isinstance(request, Request):
        raise ValueError("no request")
    check_request(request)
    return UnfinishedInvite(request, hop, str(values["local_tag"]), bool(values["is_ours"]))
