"""By what name or address telephones are sent to the box, when a browser asks on their behalf.

Owns nothing. Phones stand beside the browser: what leads it here leads them here too, unless it is
a name of this machine alone or a loopback (appliance/phones/box_host.py); then the daemon knows.
"""

from __future__ import annotations

from typing import Any

from flask import request

from appliance.phones.box_host import host_for_phones
from webui import box
from webui.parts import parts


def server_name() -> str:
    """Host of the request without its port; a literal IPv6 address keeps its brackets."""
    host = request.host
    return host[: host.index("]") + 1] if host.startswith("[") else host.partition(":")[0]


def name_for_phones(status: Any) -> str:
    """The host that a telephone is told; status: the daemon's answer, or None: it does not run."""
    own = status["host"] if status else ""
    host = host_for_phones(server_name(), own) or server_name()
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def link_for_phones(path: str) -> str:
    """A page of ours to be opened on a telephone. A name that the pages were given (WebSettings)
    leads to them from everywhere, as through a proxy."""
    host = server_name()
    if host.lower() not in {name.lower() for name in parts().settings.hosts}:
        host = name_for_phones(box.try_asking("status")[0])
    port = request.host[len(server_name()) :]
    return f"{request.scheme}://{host}{port}{path}"
