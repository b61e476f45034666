"""What makes a request one that must be refused before anybody looks at its meaning.

PURE. RFC 3261 §8.1.1 (mandatory fields), §8.2.2 (scheme), §16.3 (reasonable syntax, Max-Forwards is
the endpoint's), §20; RFC 4475 shows what bad ones look like.
"""

from __future__ import annotations

from appliance.errors import RemoteProtocolError
from appliance.sip.message import Request
from appliance.sip.uri import parse_uri

#: Fields that may stand once only (RFC 3261 §7.3.1, table 2).
_SINGLE = (
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Max-Forwards",
    "Content-Length",
    "Content-Type",
    "Expires",
)


def check_request(request: Request) -> None:
    """Raise RemoteProtocolError with the status that this request deserves, if any."""
    _check_version(request)
    _check_fields(request)
    _check_uri(request)
    _check_figures(request)


def _check_version(request: Request) -> None:
    version = request._cache.get("version", "SIP/2.0")
    if version.endswith(" "):
        raise RemoteProtocolError("blanks behind the version", section="RFC 3261 §7.1")
    if version.upper() != "SIP/2.0":
        raise RemoteProtocolError(version, status=505, section="RFC 3261 §21.5.6")


def _check_fields(request: Request) -> None:
    for name in _SINGLE:
        if request.headers.count(name) > 1:
            raise RemoteProtocolError(f"several {name}", section="RFC 3261 §7.3.1")
    _ = request.via, request.from_, request.to, request.call_id
    if not request.call_id:
        raise RemoteProtocolError("empty Call-ID", section="RFC 3261 §8.1.1.4")
    if request.cseq.method != request.method:
        raise RemoteProtocolError("CSeq names another method", section="RFC 3261 §8.1.1.5")


def _check_uri(request: Request) -> None:
    if request.uri.startswith("<") or any(c in request.uri for c in " \t"):
        raise RemoteProtocolError("bad Request-URI", section="RFC 3261 §7.1")
    parse_uri(request.uri)
    for address in (request.from_, request.to, *request.contacts):
        if address.uri[:4].lower() in ("sip:", "sips"):
            parse_uri(address.uri)


def _check_figures(request: Request) -> None:
    _ = request.max_forwards, request.vias, request.contacts, request.routes
    if request.method != "REGISTER":
        _ = request.expires
