"""Tells a caller in words why the call cannot be made, then in a tone.

PURE coroutine. The words come twice, since the first are often missed while the phone is on its way
to the ear; the tone that follows is what callers know from any exchange (ITU-T E.180).
"""

from __future__ import annotations

from appliance.apps.line import Line

_TONES = {"busy": "busy", "no_answer": "busy", "all_lines_busy": "congestion"}
_TONE_S = 4.0


async def announcement(line: Line, argument: str) -> None:
    """Play the prompt named by argument twice, then a tone for four seconds.

    An argument ``tone:busy`` has no words at all.
    """
    kind, _, tone = argument.partition(":")
    if kind == "tone":
        await line.tone(tone, _TONE_S)
        return
    await line.say(argument)
    await line.say(argument)
    await line.tone(_TONES.get(argument, "congestion"), _TONE_S)
