"""By which address a telephone is sent to the box, when a browser asks on its behalf. PURE."""

from __future__ import annotations

import ipaddress


def host_for_phones(asked_by: str, own: str) -> str:
    """The address by which the browser found us, if a telephone can use it too; else our own.

    asked_by: a host of a URL. Names are not known in every network, a loopback is nobody else's.
    """
    try:
        address = ipaddress.ip_address(asked_by.strip("[]"))
    except ValueError:
        return own
    return own if address.is_loopback or address.is_unspecified else str(address)
