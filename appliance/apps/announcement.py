"""Tells a caller in words why the call cannot be made, then in a tone.

PURE coroutine. What a caller can mend (a wrong number, a barred one) is said twice, since the first
words are often missed while the phone is on its way to the ear; that nobody is there is said once.
The tone that follows is what callers know from any exchange (ITU-T E.180).
"""

from __future__ import annotations

from appliance.apps.line import Line

_TONES = {"busy": "busy", "no_answer": "busy", "all_lines_busy": "congestion"}
_TONE_S = 3.0
_SAID_ONCE = frozenset({"busy", "no_answer", "unavailable", "all_lines_busy"})


async def announcement(line: Line, argument: str) -> None:
    """Play the prompt named by argument, then a tone for three seconds.

    An argument ``tone:busy`` has no words at all.
    """
    kind, _, tone = argument.partition(":")
    if kind == "tone":
        await line.tone(tone, _TONE_S)
        return
    await line.say(argument)
    if argument not in _SAID_ONCE:
        await line.say(argument)
    await line.tone(_TONES.get(argument, "congestion"), _TONE_S)
