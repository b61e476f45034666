"""The key of a trunk or line was pressed: a short dial tone says that the next call goes by it.

PURE coroutine.
"""

from __future__ import annotations

from appliance.apps.line import Line

_TONE_S = 0.8


async def way_chosen(line: Line, argument: str) -> None:
    await line.tone("dial", _TONE_S)
