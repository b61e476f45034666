"""What may stand in a desk phone's file at all, and what never may.

PURE. Whatever a person types goes into files of a dozen formats: it must come out of each as it
went in, or be refused where it is typed, with a key. Used by the checks of the configuration and
by provisioning, whose brands' tables say the same of each place in more detail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Words that phones read as commands instead of values (Yealink resets a parameter by them).
RESERVED = ("%NULL%", "%EMPTY%", "%null%", "%empty%")
#: Longest value that is given to a phone; brands may have a lower limit.
LONGEST = 256
#: Characters that a brand's format has no way to write in some place of its files.
FORBIDDEN: Mapping[str, str] = {
    "cisco-mpp": ";$",
    "cisco-spa": ";$",
    "gigaset-n510": '"',
    "linphone": '"\\',
    "panasonic": '"',
    "sipnetic": ";",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value that cannot be given to a phone. key and params: a text for people."""

    key: str
    path: str
    params: dict[str, str] = field(default_factory=dict)


def refusal(text: str, path: str, *, forbids: str = "", longest: int = LONGEST) -> Refusal | None:
    """Why the text cannot be given to a phone, or None. forbids: characters of this place."""
    if not text.isprintable() or _has_half_letters(text):
        return Refusal("phone.value.unprintable", path)
    if text != text.strip():
        return Refusal("phone.value.outer_blanks", path)
    if len(text) > longest:
        limits = {"length": str(len(text)), "longest": str(longest)}
        return Refusal("phone.value.too_long", path, limits)
    word = next((word for word in RESERVED if word in text), "")
    if word:
        return Refusal("phone.value.reserved", path, {"value": word})
    found = "".join(letter for letter in forbids if letter in text)
    if found:
        return Refusal("phone.value.forbidden", path, {"letters": found})
    return None


def forbidden_by(brand: str) -> str:
    """Characters that this brand's files cannot hold everywhere, however a person spells it."""
    return FORBIDDEN.get(brand.strip().lower(), "")


def cleaned(text: str, brand: str) -> str:
    """A name of the office as a phone of this brand can be told it.

    It is nobody's who sets up that phone: a colleague's name with a letter that the brand cannot
    write must not cost the phone its whole file.
    """
    told = "".join(letter for letter in text if letter not in forbidden_by(brand))
    while found := [word for word in RESERVED if word in told]:
        told = told.replace(found[0], "")
    told = "".join(c for c in told if c.isprintable() and not _has_half_letters(c))
    return told.strip()[:LONGEST].strip()


def _has_half_letters(text: str) -> bool:
    """Lone surrogates: they are in no UTF-8 file."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)
