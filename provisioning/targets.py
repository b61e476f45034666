"""What a phone writes behind GET, or as the name of a TFTP file, taken apart.

PURE. ``/p/<secret>/name`` carries the device's own secret; the rest is a plain path. Names that
nobody asks for in good faith (``..``, NUL, control characters, 64 KiB) are refused here already.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

LONGEST_PATH = 255
_SECRET = re.compile(r"/p/([A-Za-z0-9_-]{16,64})(/.*)", re.ASCII)


def parse_target(target: str) -> tuple[str, str] | None:
    """(path, secret of the URL or empty) of a request target or a file name; None: refused."""
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
    return (found[2], found[1]) if found else (path, "")
