"""Text from outside made fit to be shown: control signs, bidirectional marks and broken letters.

PURE. A caller's name may hold anything. Signs that would vanish, reorder the line or break the page
become their code point in brackets; every value of every template passes here (Jinja's
``finalize``). Escaping HTML is Jinja's own business and always on.
"""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup

# Controls but tab and line feed; soft hyphen; zero-width and bidi marks; separators; surrogates;
# non-characters; tags.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\uffff\U000e0000-\U000e0fff]"
)


def shown(text: str) -> str:
    """The text with what cannot be seen made visible: ``⟨202E⟩``."""
    return _HIDDEN.sub(lambda found: f"⟨{ord(found[0]):04X}⟩", text)


def finalize(value: Any) -> Any:
    """What a template prints: text is made fit, markup of ours and figures stay."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return shown(value)
