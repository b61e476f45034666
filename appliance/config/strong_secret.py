"""Secrets that nobody guesses, for phones that somebody may have to type them into.

PURE: the chance is given. Four groups of five small letters and figures, none of which looks like
another (no l 1 o 0 i): ``wk3vn-7hq2p-t9xmd-4rsuc``, 99 bits.
"""

from __future__ import annotations

from collections.abc import Callable

from appliance.config.checks.secrets import weakness

#: What is told apart in any type and by telephone.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _LETTERS_OF_GROUP = 4, 5
_TRIES = 100

Choose = Callable[[str], str]


def make_secret(choose: Choose, number: str = "") -> str:
    """A secret for this number, which ``weakness`` lets pass.

    choose: takes one of the characters, each as likely as the others (``secrets.choice``); asked
    again in the rare case that what came looks guessable. ValueError when it never stops to.
    """
    for _ in range(_TRIES):
        secret = "-".join(
            "".join(choose(ALPHABET) for _ in range(_LETTERS_OF_GROUP)) for _ in range(_GROUPS)
        )
        if not weakness(secret, number):
            return secret
    raise ValueError("no chance in what chooses")
