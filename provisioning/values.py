"""What may stand in a phone's file at all, and what never may.

PURE, without a brand's table. Whatever a person types goes into files of a dozen formats: it must
come out of each as it went in, or be refused where it is typed, with a key. Used by the checks of
the configuration, by render.py for what one brand's format cannot carry, and by the writers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: Words that phones read as commands instead of values (Yealink resets a parameter by them).
RESERVED = ("%NULL%", "%EMPTY%", "%null%", "%empty%")
#: Longest value that is given to a phone; brands may have a lower limit.
LONGEST = 256


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value that cannot be given to a phone. key and params: a text for people."""

    key: str
    path: str
    params: dict[str, str] = field(default_factory=dict)


class RefusedValue(ValueError):
    """A value reached a writer that its format cannot carry; refusal says which."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.path}: {refusal.key}")
        self.refusal = refusal


def refusal(text: str, path: str, *, forbids: str = "", longest: int = LONGEST) -> Refusal | None:
    """Why the text cannot be given to a phone, or None. forbids: characters of this place."""
    if not text.isprintable() or _has_half_letters(text):
        return Refusal("phone.value.unprintable", path)
    if text != text.strip():
        return Refusal("phone.value.outer_blanks", path)
    if len(text) > longest:
        return Refusal(
            "phone.value.too_long", path, {"length": str(len(text)), "longest": str(longest)}
        )
    if any(word in text for word in RESERVED):
        return Refusal("phone.value.reserved", path, {"value": text})
    found = "".join(letter for letter in forbids if letter in text)
    if found:
        return Refusal("phone.value.forbidden", path, {"letters": found})
    return None


def _has_half_letters(text: str) -> bool:
    """Lone surrogates: they are in no UTF-8 file."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)
