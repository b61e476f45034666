"""A proxy of the owner's own before the pages: from whom it says that a request is.

Owns nothing. Only proxies that were named are believed, and of what they say the last word, which
is theirs: what a browser wrote before it is anybody's.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_FORWARDED_FOR = "HTTP_X_FORWARDED_FOR"


class BehindProxies:
    """A WSGI application that sees the browser behind these addresses (literal ones).

    X-Forwarded-For and X-Forwarded-Proto are read; a source that is no address is not believed.
    """

    def __init__(self, application: WSGIApplication, proxies: Iterable[str]) -> None:
        self._application = application
        self._told = ProxyFix(application, x_for=1, x_proto=1)
        self._proxies = frozenset(plain_address(proxy) for proxy in proxies)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if plain_address(environ.get("REMOTE_ADDR", "")) not in self._proxies:
            return self._application(environ, start_response)
        source = plain_address(environ.get(_FORWARDED_FOR, "").rpartition(",")[2].strip())
        if source:
            environ[_FORWARDED_FOR] = source
        else:
            environ.pop(_FORWARDED_FOR, None)
        return self._told(environ, start_response)


def plain_address(text: str) -> str:
    """A literal address in its one spelling, IPv4 in IPv6 as IPv4; empty for any other text."""
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
