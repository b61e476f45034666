"""A code of forwarding was dialled (004.9): it is kept, and the caller hears what came of it.

PURE coroutine. Whether the number may be forwarded to was asked of routing; who keeps it is
appliance/forward_codes.py. A caller who hangs up early has it all the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from appliance.apps.line import App, Line

#: (extension, field of the extension or ``all``, target or empty) -> the prompt that says what came
#: of it.
Change = Callable[[str, str, str], Awaitable[str]]
SET, ENDED = "forward_set", "forward_ended"
LATER, REFUSED = "claim_later", "cannot_complete"


async def nobody_forwards(extension: str, field: str, target: str) -> str:
    """For a box that keeps nothing."""
    return REFUSED


def forward_app(change: Change) -> App:
    """The app over what keeps settings."""

    async def forward(line: Line, argument: str) -> None:
        extension, field, target = (*argument.split(" "), "")[:3]
        await line.say(await change(extension, field, target))

    return forward
