"""The echo test (``*43``): the caller hears himself, and so knows that sound goes both ways.

PURE coroutine.
"""

from __future__ import annotations

from appliance.apps.line import Line

AT_ONCE = "at_once"


async def echo(line: Line, argument: str) -> None:
    """Say what comes (unless told AT_ONCE), then give all back until the caller hangs up."""
    if argument != AT_ONCE:
        await line.say("echo_intro")
    line.echo()
    await line.until_hang_up()
