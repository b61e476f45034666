"""The claim menu: a phone without a number has dialled a code, and hears what comes of it.

PURE coroutine. A wrong code may be corrected on the keypad, twice. Who takes the code and gives the
number is appliance/phones; when the caller hangs up the phone fetches its new settings.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from appliance.apps.line import App, Line
from appliance.routing.claim import CODE_DIGITS

#: (number of the hidden account, code) -> the prompt that says what came of it.
Attempt = Callable[[str, str], Awaitable[str]]
CLAIMED = "claimed"
WRONG = "claim_wrong"
_TRIES = 3
_FIRST_DIGIT_S, _NEXT_DIGIT_S = 8.0, 4.0


async def nobody_claims(number: str, code: str) -> str:
    """For a box without phones to be claimed: every code is wrong."""
    return WRONG


def claim_app(attempt: Attempt) -> App:
    """The app over what takes the codes."""

    async def claim(line: Line, argument: str) -> None:
        """Take the code that was dialled, and up to two more; then say good-bye."""
        number, _, code = argument.partition(" ")
        for left in reversed(range(_TRIES)):
            said = await attempt(number, code)
            await line.say(said)
            if said != WRONG or not left:
                return
            code = await _read_code(line)
            if not code:
                return

    return claim


async def _read_code(line: Line) -> str:
    """Four digits from the keypad; empty when none came."""
    code = ""
    while len(code) < CODE_DIGITS:
        digit = await line.digit(_NEXT_DIGIT_S if code else _FIRST_DIGIT_S)
        if not digit:
            return ""
        code += digit
    return code
