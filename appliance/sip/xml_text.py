"""Text as it may stand in an XML document of ours.

PURE. XML 1.0 §2.2, §2.4. Names of callers come from networks that we do not know: whatever XML
cannot hold is left out.
"""

from __future__ import annotations

import re

_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;", "\n": " ", "\r": " "}
)


def xml_text(text: str) -> str:
    """The text escaped for an element and for an attribute in either quotes."""
    return _NO_CHARACTER.sub("", text).translate(_ENTITIES)
