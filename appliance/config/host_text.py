"""A host as people write it in a setting: a name or an address, IPv6 with brackets or without, and
where that is allowed a port behind it.

PURE. Checks and whoever uses such a setting read it here, so that what is let in also works.
"""

from __future__ import annotations


def bare_host(text: str) -> str:
    """The name or literal address without brackets."""
    return text.strip("[]")


def split_port(text: str) -> tuple[str, str]:
    """``host:port`` in parts, the host as it was written; a bare IPv6 address has no port.

    ``host:`` has the port ``0``, which is none.
    """
    if text.startswith("["):
        host, _, port = text.partition("]")
        return host + "]", port.removeprefix(":")
    if text.count(":") == 1:
        host, _, port = text.partition(":")
        return host, port or "0"
    return text, ""
