"""SIP PnP in messages: who subscribes to ua-profile, and the NOTIFY that names our URL.

Shapes of RFC 6080 §5 as field phones send them: the hardware address stands in the URI as
``MAC%3A``, ``MAC`` or ``MAC=`` and twelve digits of either case, or nowhere; the event says vendor,
model and version. What is answered, and to whom, is pnp.py's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from appliance.errors import RemoteProtocolError
from appliance.sip.grammar import parse_params
from appliance.sip.message import Request
from appliance.sip.uri import Uri, parse_uri

EVENT = "ua-profile"
_MAC = re.compile(r"MAC[:=]?([0-9A-F]{2}(?:[:-]?[0-9A-F]{2}){5})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a phone says of itself. mac: twelve lower-case digits, or empty."""

    mac: str
    vendor: str
    model: str
    version: str
    contact: Uri
    event: str


def read_subscription(request: Request) -> Subscription | None:
    """The phone behind a SUBSCRIBE to ua-profile; None when it is another event.

    Raises RemoteProtocolError when it cannot be answered: no address to send a NOTIFY to.
    """
    event = request.headers.get("Event") or request.headers.get("o") or ""
    name, _, params = event.partition(";")
    if name.strip().lower() != EVENT:
        return None
    values = {key.lower(): (value or "").strip('"') for key, value in parse_params(params).items()}
    if not request.contacts:
        raise RemoteProtocolError("SUBSCRIBE without Contact", section="RFC 6665 §4.1.2.1")
    uris = (request.uri, request.from_.uri, request.to.uri)
    return Subscription(
        mac=next(filter(None, map(_mac_of, uris)), ""),
        vendor=values.get("vendor", "")[:64],
        model=values.get("model", "")[:64],
        version=values.get("version", "")[:64],
        contact=parse_uri(request.contacts[0].uri),
        event=event,
    )


def _mac_of(uri: str) -> str:
    found = _MAC.search(unquote(uri))
    return re.sub("[:-]", "", found[1]).lower() if found else ""
