"""Which method of a leg carries out which LegCommand.

PURE table. Methods by name, so that a kind of leg can have its own; a leg that talks to a coroutine
of ours (app.py) needs few of them and reads its commands itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from appliance.call import leg as vocabulary
from appliance.call.leg import LegCommand


def obey(leg: object, command: LegCommand) -> None:
    """Have this leg carry out one command."""
    act: Callable[[Any], None] = getattr(leg, _METHODS[type(command)])
    act(command)


_METHODS: dict[type[Any], str] = {
    vocabulary.Ring: "_ring",
    vocabulary.Answer: "_answer",
    vocabulary.Reject: "_reject",
    vocabulary.Reoffer: "_reoffer",
    vocabulary.AcceptReoffer: "_accept_reoffer",
    vocabulary.RefuseReoffer: "_refuse_reoffer",
    vocabulary.SendDigit: "_send_digit",
    vocabulary.Warn: "_warn",
    vocabulary.HangUp: "_hang_up",
}
