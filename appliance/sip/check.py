"""What makes a request one that must be refused before anybody looks at its meaning.

PURE. RFC 3261 §8.1.1 (mandatory fields), §8.2.2 (scheme), §16.3 (reasonable syntax, Max-Forwards is
the endpoint's), §20; RFC 4475 shows what bad ones look like.
"""

from __future__ import annotations

from appliance.errors import RemoteProtocolError
from appliance.sip.message import VERSION, Request, Response
from appliance.sip.uri import parse_uri

#: Keys of fields that may stand once only (RFC 3261 §7.3.1, table 2).
_SINGLE = frozenset(
    {
        "from",
        "to",
        "call-id",
        "cseq",
        "max-forwards",
        "content-length",
        "content-type",
        "expires",
    }
)


def check_request(request: Request) -> None:
    """Raise RemoteProtocolError with the status that this request deserves, if any."""
    _check_version(request)
    _check_fields(request)
    _check_uris(request)
    _check_figures(request)


def check_response(response: Response) -> None:
    """Raise RemoteProtocolError for a response that must be dropped unread.

    One with more than one Via was meant for somebody else (RFC 3261 §8.1.3.3), one whose CSeq,
    From, To or Call-ID cannot be read belongs to nothing (RFC 4475 §3.1.2.5).
    """
    if len(response.vias) > 1:
        raise RemoteProtocolError("several Via", section="RFC 3261 §8.1.3.3")
    _ = response.from_, response.to, response.cseq
    if not response.call_id:
        raise RemoteProtocolError("empty Call-ID", section="RFC 3261 §8.1.1.4")


def _check_version(request: Request) -> None:
    version = request.version
    if version == VERSION:
        return
    if version.endswith(" "):
        raise RemoteProtocolError("blanks behind the version", section="RFC 3261 §7.1")
    if version.upper() != VERSION:
        raise RemoteProtocolError(version[:20], status=505, section="RFC 3261 §21.5.6")


def _check_fields(request: Request) -> None:
    for key in request.headers.repeated():
        if key in _SINGLE:
            raise RemoteProtocolError(f"several {key}", section="RFC 3261 §7.3.1")
    _ = request.vias, request.from_, request.to
    if not request.call_id:
        raise RemoteProtocolError("empty Call-ID", section="RFC 3261 §8.1.1.4")
    if request.cseq.method != request.method:
        raise RemoteProtocolError("CSeq names another method", section="RFC 3261 §8.1.1.5")


def _check_uris(request: Request) -> None:
    if request.uri.startswith("<") or " " in request.uri or "\t" in request.uri:
        raise RemoteProtocolError("bad Request-URI", section="RFC 3261 §7.1")
    if parse_uri(request.uri).headers:
        raise RemoteProtocolError("Request-URI with headers", section="RFC 3261 §19.1.1")
    for address in (request.from_, request.to, *request.contacts):
        if _is_sip(address.uri):
            parse_uri(address.uri)
    if request.method == "REGISTER" and not _is_sip(request.to.uri):
        raise RemoteProtocolError("address-of-record is no SIP URI", section="RFC 3261 §10.2")


def _check_figures(request: Request) -> None:
    _ = request.max_forwards, request.routes
    if request.method != "REGISTER":  # the registrar reads a malformed one as an hour (§20.10)
        _ = request.expires
    date = request.headers.get("Date")
    if date is not None and not date.endswith("GMT"):
        raise RemoteProtocolError("Date in another zone than GMT", section="RFC 3261 §20.17")


def _is_sip(uri: str) -> bool:
    return uri.startswith("sip:") or uri[:4].lower() in ("sip:", "sips")
