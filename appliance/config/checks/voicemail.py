"""PINs of mailboxes: digits that a keypad has, and not those that anybody would try first.

PURE. No message carries the PIN.
"""

from __future__ import annotations

from collections.abc import Iterator

from appliance.config.codec import MASK, item_path
from appliance.config.model import Document, Extension
from appliance.errors import Problem

SHORTEST, LONGEST = 4, 8
_IN_A_ROW = "01234567890"


def check_voicemail(document: Document) -> Iterator[Problem]:
    """PINs that are none, or no secret."""
    for index, extension in enumerate(document.extensions):
        pin = extension.voicemail_pin
        if not pin:
            continue
        path = item_path("extensions", Extension, extension, index) + ".voicemail_pin"
        if pin == MASK:
            yield Problem("secret.not_stored", path)
        elif not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
            yield Problem("voicemail.pin.wrong", path)
        elif _is_guessable(pin, extension.number):
            yield Problem("voicemail.pin.guessable", path)


def _is_guessable(pin: str, number: str) -> bool:
    is_row = pin in _IN_A_ROW or pin[::-1] in _IN_A_ROW
    return len(set(pin)) == 1 or is_row or pin in (number, number * 2)
