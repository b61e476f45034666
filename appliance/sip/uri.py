"""SIP, SIPS and tel URIs: read, written, compared.

PURE. RFC 3261 §19.1, RFC 3966. Nothing is altered in a round trip: escapes stay escaped, parameters
keep their case and order; comparisons resolve them. ``tel`` digits are the ``user``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import unquote as unescape

from appliance.errors import RemoteProtocolError
from appliance.sip.grammar import format_params, is_token, parse_params

_SIP_SCHEMES = ("sip", "sips")
_UNCOMPARED = frozenset({"user", "ttl", "method", "maddr", "transport"})


@dataclass(frozen=True, slots=True)
class Uri:
    """A URI in its parts. port None = not said; headers: what follows ``?``, as written."""

    scheme: str
    user: str
    host: str
    port: int | None = None
    password: str | None = None
    params: Mapping[str, str | None] = field(default_factory=dict)
    headers: str = ""


@lru_cache(maxsize=4096)
def parse_uri(text: str) -> Uri:
    """Read a URI; user is unescaped nowhere.

    Raises RemoteProtocolError: 416 for a scheme that we do not speak, 400 for a malformed one.
    """
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon or not is_token(scheme):
        raise RemoteProtocolError(f"no URI: {text[:60]!r}", section="RFC 3261 §19.1.1")
    if scheme == "tel":
        return _parse_tel(rest)
    if scheme not in _SIP_SCHEMES:
        raise RemoteProtocolError(f"scheme {scheme}", status=416, section="RFC 3261 §8.2.2.1")
    if any(c in rest for c in ' \t\r\n<>"'):
        raise RemoteProtocolError("white space in URI", section="RFC 3261 §19.1.1")
    userinfo, at, hostpart = rest.rpartition("@")
    if at and not userinfo:
        raise RemoteProtocolError("empty user in URI", section="RFC 3261 §19.1.1")
    hostpart, _, headers = hostpart.partition("?")
    hostport, _, params = hostpart.partition(";")
    host, port = parse_host_port(hostport)
    user, colon, password = userinfo.partition(":")
    return Uri(scheme, user, host, port, password if colon else None, parse_params(params), headers)


def parse_host_port(text: str) -> tuple[str, int | None]:
    """``host[:port]`` with IPv6 in brackets; the host comes back without them, in lower case."""
    text = text.strip()
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")) or not _is_ipv6(host):
            raise RemoteProtocolError(f"bad IPv6 host {text[:60]!r}", section="RFC 5118 §4.1")
        return host.lower(), _parse_port(rest[1:]) if rest else None
    host, colon, port = text.partition(":")
    if not host or not _is_host(host):
        raise RemoteProtocolError(f"bad host {text[:60]!r}", section="RFC 3261 §25.1")
    return host.lower(), _parse_port(port) if colon else None


def format_uri(uri: Uri) -> str:
    """The inverse of parse_uri."""
    if uri.scheme == "tel":
        return f"tel:{uri.user}{format_params(uri.params)}"
    host = f"[{uri.host}]" if ":" in uri.host else uri.host
    port = "" if uri.port is None else f":{uri.port}"
    password = "" if uri.password is None else f":{uri.password}"
    user = f"{uri.user}{password}@" if uri.user else ""
    headers = f"?{uri.headers}" if uri.headers else ""
    return f"{uri.scheme}:{user}{host}{port}{format_params(uri.params)}{headers}"


def same_uri(one: Uri, other: Uri) -> bool:
    """RFC 3261 §19.1.4: two URIs name the same resource."""
    if (one.scheme, one.host, one.port) != (other.scheme, other.host, other.port):
        return False
    if unescape(one.user) != unescape(other.user) or one.password != other.password:
        return False
    names = one.params.keys() | other.params.keys()
    for name in names:
        mine, theirs = one.params.get(name, ""), other.params.get(name, "")
        is_missing = (name in one.params) != (name in other.params)
        if is_missing and name in _UNCOMPARED:
            return False
        if not is_missing and (mine or "").lower() != (theirs or "").lower():
            return False
    return sorted(one.headers.split("&")) == sorted(other.headers.split("&"))


def _parse_tel(rest: str) -> Uri:
    number, _, params = rest.partition(";")
    digits = number.strip()
    if not digits or not set(digits) <= set("0123456789+-.()*#ABCDabcd"):
        raise RemoteProtocolError(f"no telephone number: {digits[:40]!r}", section="RFC 3966 §3")
    return Uri("tel", digits, "", None, None, parse_params(params))


def _parse_port(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 5 or not 0 < int(text) < 65536:
        raise RemoteProtocolError(f"bad port {text[:20]!r}", section="RFC 3261 §25.1")
    return int(text)


def _is_host(host: str) -> bool:
    """Letters, digits, dots, dashes; underscores too, since field networks have them."""
    return host.isascii() and host.replace("-", "").replace(".", "").replace("_", "").isalnum()


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True
