"""SIP, SIPS and tel URIs: read, written, compared.

PURE. RFC 3261 §19.1, RFC 3966. Nothing is altered in a round trip: escapes stay escaped, parameters
keep their case and order; comparisons resolve them. ``tel`` digits are the ``user``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from urllib.parse import unquote as unescape

from appliance.errors import RemoteProtocolError
from appliance.sip.grammar import format_params, is_token, parse_params
from appliance.sip.memo import Memo

_SIP_SCHEMES = ("sip", "sips")
#: A parameter of these that only one of two URIs has keeps them apart (§19.1.4).
_UNMATCHED_ALONE = frozenset({"user", "ttl", "method", "maddr", "transport"})
_FORBIDDEN = re.compile(r'[\x00-\x20<>"\x7f]')
_HOST_END = re.compile(r"[;?]")
_THREE_COLONS = re.compile(r":::(?=\d+\.)")


@dataclass(frozen=True, slots=True)
class Uri:
    """A URI in its parts. port None = not said; headers: what follows ``?``, as written."""

    scheme: str
    user: str
    host: str
    port: int | None = None
    password: str | None = None
    params: dict[str, str | None] = field(default_factory=dict)
    headers: str = ""


_uris: Memo[Uri] = Memo(2048, 256)


def parse_uri(text: str) -> Uri:
    """Read a URI; user is unescaped nowhere.

    Raises RemoteProtocolError: 416 for a scheme that we do not speak, 400 for a malformed one.
    """
    known = _uris.get(text)
    return known if known is not None else _uris.keep(text, _parse(text))


def _parse(text: str) -> Uri:
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon or not is_token(scheme):
        raise RemoteProtocolError(f"no URI: {text[:60]!r}", section="RFC 3261 §19.1.1")
    if scheme == "tel":
        return _parse_tel(rest)
    if scheme not in _SIP_SCHEMES:
        raise RemoteProtocolError(f"scheme {scheme[:40]}", status=416, section="RFC 3261 §8.2.2.1")
    if _FORBIDDEN.search(rest):
        raise RemoteProtocolError("white space in URI", section="RFC 3261 §19.1.1")
    userinfo, hostpart = _split_user(rest)
    hostpart, _, headers = hostpart.partition("?")
    hostport, _, params = hostpart.partition(";")
    host, port = parse_host_port(hostport)
    user, colon, password = userinfo.partition(":")
    return Uri(scheme, user, host, port, password if colon else None, parse_params(params), headers)


def _split_user(rest: str) -> tuple[str, str]:
    """The part before ``@`` and the part behind it.

    Field deviation: an ``@`` that should be escaped is taken as part of the user when it stands
    before the host (accounts like ``name@domain``), and of the rest when it stands behind it
    (``?Replaces=1@host`` of softphones).
    """
    userinfo, at, hostpart = rest.partition("@")
    if not at:
        return "", rest
    if "@" in hostpart:
        end = _HOST_END.search(hostpart)
        more, at, _ = hostpart[: end.start() if end else len(hostpart)].rpartition("@")
        if at:
            userinfo, hostpart = f"{userinfo}@{more}", hostpart[len(more) + 1 :]
    if not userinfo:
        raise RemoteProtocolError("empty user in URI", section="RFC 3261 §19.1.1")
    return userinfo, hostpart


def parse_host_port(text: str) -> tuple[str, int | None]:
    """``host[:port]`` with IPv6 in brackets; the host comes back without them, in lower case.

    ``:::`` before an embedded IPv4 address, a slip of RFC 3261's grammar, is read as ``::``
    (RFC 5118 §4.10).
    """
    text = text.strip()
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        host = _THREE_COLONS.sub("::", host, count=1)
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
    if _plain(one.user) != _plain(other.user) or one.password != other.password:
        return False
    mine, theirs = _plain_params(one.params), _plain_params(other.params)
    for name in mine.keys() | theirs.keys():
        is_missing = (name in mine) != (name in theirs)
        if is_missing and name in _UNMATCHED_ALONE:
            return False
        if not is_missing and mine[name] != theirs[name]:
            return False
    return sorted(one.headers.split("&")) == sorted(other.headers.split("&"))


def _plain(text: str) -> str:
    return unescape(text, errors="surrogateescape") if "%" in text else text


def _plain_params(params: Mapping[str, str | None]) -> dict[str, str]:
    return {_plain(n).lower(): _plain(v or "").lower() for n, v in params.items()}


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
