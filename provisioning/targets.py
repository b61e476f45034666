"""What a phone writes behind GET, or as the name of a TFTP file, taken apart.

PURE. ``/p/<secret>/name`` carries the device's own secret, ``/s/<token>/name`` the token of a link
for a softphone; the rest is a plain path. Names that nobody asks for in good faith (``..``, NUL,
control characters, 64 KiB) are refused here already.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

LONGEST_PATH = 255
_SECRET = re.compile(r"/([ps])/([A-Za-z0-9_-]{16,64})(/.*)", re.ASCII)


class Target(NamedTuple):
    """path: with one leading ``/``; secret, link: what stood before it, or empty."""

    path: str
    secret: str = ""
    link: str = ""


def parse_target(target: str) -> Target | None:
    """What a request target or a file name asks for; None: refused."""
    if len(target) > 4 * LONGEST_PATH:
        return None
    try:
        text = urlsplit(target).path if "://" in target[:10] else target.partition("?")[0]
        path = unquote(text, errors="strict")
    except ValueError:
        return None
    path = "/" + "/".join(part for part in path.replace("\\", "/").split("/") if part)
    if len(path) > LONGEST_PATH or not path.isprintable() or ".." in path.split("/"):
        return None
    found = _SECRET.fullmatch(path)
    if found is None:
        return Target(path)
    return Target(found[3], found[2]) if found[1] == "p" else Target(found[3], link=found[2])
