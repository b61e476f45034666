"""The echo test (``*43``): the caller hears himself, and so knows that sound goes both ways.

PURE coroutine.
"""

from __future__ import annotations

from appliance.apps.line import Line


async def echo(line: Line, argument: str) -> None:
    """Say what comes, then give everything back until the caller hangs up."""
    await line.say("echo_intro")
    line.echo()
    await line.until_hang_up()
