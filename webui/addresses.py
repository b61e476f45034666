"""By what name or address the box is found by whoever asks: the one that this browser used.

Owns nothing. Phones stand beside the browser: what leads it here leads them here too.
"""

from __future__ import annotations

from flask import request


def server_name() -> str:
    """Host of the request without its port; a literal IPv6 address keeps its brackets."""
    host = request.host
    return host[: host.index("]") + 1] if host.startswith("[") else host.partition(":")[0]
