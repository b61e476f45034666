"""Numbers in words, as prompts that a voice says one after the other.

PURE. The forms of a counted noun are Russian's (one, few, many, by the last digits); English has
its own two behind the same prompts (media/prompts.toml).
"""

from __future__ import annotations

_HUNDRED = 100


def digits_of(number: str) -> list[str]:
    """A telephone number, digit by digit; what is no digit is left out."""
    return [f"digit_{sign}" for sign in number if sign.isascii() and sign.isdigit()]


def said_count(new: int, count: int) -> list[str]:
    """How many new messages wait, of how many; heard ones are counted where none is new."""
    if not count:
        return ["voicemail_none"]
    kind = "new" if new else "old"
    waiting = new or count
    return ["voicemail_you_have", *_number(waiting), f"voicemail_{kind}_{_form(waiting)}"]


def _number(number: int) -> list[str]:
    """1 to 100; one is neuter, as messages are."""
    if number >= _HUNDRED:
        return ["number_100"]
    if number <= 20:
        return ["number_1n" if number == 1 else f"number_{number}"]
    tens, ones = divmod(number, 10)
    last = [] if not ones else ["number_1n"] if ones == 1 else [f"number_{ones}"]
    return [f"number_{tens * 10}", *last]


def _form(number: int) -> str:
    if number == 1:
        return "one"
    if number % 10 == 1 and number % 100 != 11:
        return "ones"
    return "few" if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else "many"
