"""The box's own address in words (``*00``): whoever sets it up needs no screen to find its pages.

PURE coroutine. Digits are said one by one; a short tone stands for each dot, in every language. It
is said three times, for the first is heard while looking for a pencil.
"""

from __future__ import annotations

from collections.abc import Callable

from appliance.apps.line import App, Line

_TIMES = 3
_DOT_S = 0.15


def address_app(own_host: Callable[[], str]) -> App:
    """own_host: the literal address at which the box is found now, or empty."""

    async def address(line: Line, argument: str) -> None:
        for _ in range(_TIMES):
            await _say(line, own_host())
            if await line.digit(1.0):
                return
        await line.say("goodbye")

    return address


async def _say(line: Line, host: str) -> None:
    is_sayable = bool(host) and set(host) <= set("0123456789.")
    if not is_sayable:
        await line.say("cannot_complete")
        return
    for sign in host:
        if sign == ".":
            await line.tone("dial", _DOT_S)
        else:
            await line.say(f"digit_{sign}")
