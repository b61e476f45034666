"""Secrets that somebody would guess: too short, the number itself, digits only, or put together of
words, walks on the keyboard, years and the like (guessing.py).

PURE. A long random secret always passes. Extensions are refused; a trunk's secret was given by its
provider, so that the owner is warned only. No message carries the secret.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from appliance.config.checks.guessing import guess_bits
from appliance.config.checks.weak_secrets import COMMON
from appliance.config.codec import MASK, item_path
from appliance.config.model import Document, Extension, Line, Trunk
from appliance.errors import Problem

SHORTEST = 8
#: Digits alone are strong enough from this length on (about 40 bits).
SHORTEST_OF_DIGITS = 12
#: What a secret must withstand at least (guessing.py): about as much as 8 random letters.
FEWEST_BITS = 35.0
_FEWEST_DIFFERENT = 4
_LONGEST_DECORATION = 4


def check_secrets(document: Document) -> Iterator[Problem]:
    """Weak secrets of extensions (refused) and of trunks (warned), and secrets used twice."""
    uses = Counter(extension.secret for extension in document.extensions)
    for index, extension in enumerate(document.extensions):
        path = item_path("extensions", Extension, extension, index) + ".secret"
        if extension.secret == MASK:
            yield Problem("secret.not_stored", path)
        elif key := weakness(extension.secret, extension.number):
            yield Problem(key, path, {"shortest": str(SHORTEST)})
        elif extension.secret and uses[extension.secret] > 1:
            yield Problem("secret.shared", path, is_warning=True)
    for index, trunk in enumerate(document.trunks):
        path = item_path("trunks", Trunk, trunk, index) + ".secret"
        if trunk.secret == MASK:
            yield Problem("secret.not_stored", path)
        elif weakness(trunk.secret, trunk.username):
            yield Problem("secret.weak_of_trunk", path, is_warning=True)
    for index, line in enumerate(document.lines):
        if line.pin == MASK:
            yield Problem("secret.not_stored", item_path("lines", Line, line, index) + ".pin")


def weakness(secret: str, number: str) -> str:
    """The key that tells why a secret is weak, or an empty text; an absent one is not judged."""
    lowered = secret.lower()
    if not secret:
        return ""
    if number and lowered in (number.lower(), number.lower() * 2):
        return "secret.equals_number"
    if len(secret) < SHORTEST:
        return "secret.too_short"
    if lowered in COMMON or _is_decorated(lowered, number):
        return "secret.common"
    if len(set(lowered)) < _FEWEST_DIFFERENT:
        return "secret.monotonous"
    figures = "".join(filter(str.isalnum, secret))
    if figures.isdigit() and len(figures) < SHORTEST_OF_DIGITS:
        return "secret.digits_only"
    if guess_bits(secret, number) < FEWEST_BITS:
        return "secret.guessable"
    return ""


def _is_decorated(secret: str, number: str) -> bool:
    """Whether a common word or the number has but a few figures or signs around it."""
    core = secret.strip("0123456789!@#$%^&*()-_=+.,?")
    word = core if core in COMMON else number if number and number in secret else ""
    return bool(word) and len(secret) <= len(word) + _LONGEST_DECORATION
