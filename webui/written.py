"""Numbers outside as contracts and letters have them: +7 (495) 123-45-67. PURE.

What only helps the eye is left out; what is no number with its country stays as it was typed, so
that the form can show it.
"""

from __future__ import annotations

from appliance.routing.number import normalise


def number(text: str) -> str:
    """A number as the settings keep it, or the text itself."""
    bare = normalise(text)
    digits = bare.removeprefix("+")
    is_one = bare != digits and digits.isascii() and digits.isdecimal()
    return bare if is_one else text.strip()


def numbers(text: str) -> list[str]:
    """Those of a field: one a line, with commas, or, when nothing is written apart, with blanks."""
    found: list[str] = []
    for item in text.replace(",", "\n").splitlines():
        found += number(item).split()
    return found
