"""A Contact of a REGISTER, read into what the registrar needs of it.

PURE. RFC 3261 §10.2.1 and §20.10 (expires, q), RFC 5626 §4.1 (instance, reg-id), RFC 3581 (rport).
Here it is decided where a phone will be called: a phone whose Contact names another host than the
one that its REGISTER came from stands behind NAT (or names itself by a word that we cannot
resolve), so it is called back at the source of its REGISTER.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from appliance.errors import RemoteProtocolError
from appliance.sip.binding import Binding
from appliance.sip.events import UDP, Hop
from appliance.sip.headers import NameAddr
from appliance.sip.message import Request
from appliance.sip.uri import Uri, parse_uri, same_uri

MALFORMED_EXPIRES_S = 3600  # RFC 3261 §20.10: what a malformed value is read as
_LONGEST_EXPIRES_S = 2**32 - 1
_DEFAULT_PORT = 5060
_LONGEST_URI = 1024
_LONGEST_INSTANCE = 256
_QUOTING = frozenset('"\\')

IsNat = Callable[[Uri, Hop], bool]


@dataclass(frozen=True, slots=True)
class Contact:
    """One Contact of a REGISTER. expires_s None = the request's Expires or the default counts."""

    text: str
    uri: Uri
    expires_s: int | None
    q: float
    instance: str
    reg_id: str


def read_contact(value: NameAddr) -> Contact:
    """Read one Contact; raises RemoteProtocolError for what can never be called by us."""
    uri = parse_uri(value.uri)
    if uri.scheme not in ("sip", "sips") or not uri.host:
        raise RemoteProtocolError(f"a Contact of scheme {uri.scheme!r}", section="Contact")
    if len(value.uri) > _LONGEST_URI:
        raise RemoteProtocolError("a Contact without end", section="Contact")
    params = value.params
    reg_id = params.get("reg-id") or ""
    expires = params.get("expires")
    return Contact(
        text=value.uri,
        uri=uri,
        expires_s=None if expires is None else read_expires(expires),
        q=_read_q(params.get("q")),
        instance=_read_instance(params.get("+sip.instance")),
        reg_id=reg_id if reg_id.isascii() and reg_id.isdigit() else "",
    )


def read_expires(text: str) -> int:
    """Delta-seconds; what is malformed or too large counts as an hour (RFC 3261 §20.10)."""
    text = text.strip().strip('"')
    if text.isascii() and text.isdigit() and len(text) <= 10:
        return min(int(text), _LONGEST_EXPIRES_S)
    return MALFORMED_EXPIRES_S


def is_same_host(uri: Uri, source: Hop) -> bool:
    """True when a URI names the very address that its message came from."""
    if uri.host == source.host:
        return True
    try:
        return ip_address(uri.host.strip("[]")) == ip_address(source.host.split("%", 1)[0])
    except ValueError:
        return False


def is_behind_nat(uri: Uri, source: Hop) -> bool:
    """True when a Contact does not name the host that it came from."""
    return not is_same_host(uri, source)


def way_back(contact: Contact, request: Request, source: Hop, is_nat: bool) -> Hop:
    """Where the phone is called: its source, or the port that it named on the same host.

    Over datagrams a phone that puts ``rport`` into its Via hears at the port that it sends from
    (RFC 3581 §4); without it the Contact's port counts: the Cisco 79xx sends from a port where it
    does not listen. Over streams the connection is used while it lives, and the Contact's port
    afterwards.
    """
    if is_nat or request.headers.get("Path") is not None:
        return source
    port = contact.uri.port or _DEFAULT_PORT
    if port == source.port or (source.transport is UDP and "rport" in request.via.params):
        return source
    return Hop(source.transport, source.host, port, source.connection)


def is_same_phone(binding: Binding, contact: Contact, call_id: str, source: Hop) -> bool:
    """True when a Contact comes from the phone that holds this binding.

    The same instance and reg-id (RFC 5626 §5), or the same contact URI (RFC 3261 §10.3).
    Deviation from §10.3: equal contact URIs that came from different addresses in different
    Call-IDs are two phones, because phones in two homes behind two routers do name themselves
    alike (``sip:2001@192.168.1.100``) and would push each other out.
    """
    if contact.instance and binding.instance == contact.instance:
        return binding.reg_id == contact.reg_id
    if not _is_same_text_or_uri(binding.contact_uri, contact):
        return False
    return (
        not binding.is_behind_nat or binding.hop.host == source.host or binding.call_id == call_id
    )


def _is_same_text_or_uri(text: str, contact: Contact) -> bool:
    return text == contact.text or same_uri(parse_uri(text), contact.uri)


def _read_q(text: str | None) -> float:
    """RFC 3261 §25.1 qvalue; absent or malformed counts as 1."""
    if not text or not text.isascii() or not text.replace(".", "", 1).isdigit():
        return 1.0
    return min(float(text), 1.0)


def _read_instance(text: str | None) -> str:
    """RFC 5626 §4.1, without its quotes; what cannot be told back as it came is not kept."""
    bare = (text or "").strip('"')
    is_sound = len(bare) <= _LONGEST_INSTANCE and not set(bare) & _QUOTING and bare.isprintable()
    return bare if is_sound else ""
