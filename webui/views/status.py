"""How the box is, live: what needs somebody first, calls, trunks, phones. Owns nothing: it asks
the daemon, and ends a call when told to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.commands.words import DIRECTIONS, STATES, party, word
from appliance.errors import UserError
from webui import attention, box
from webui.access import may
from webui.i18n import language
from webui.live import Answers, stream
from webui.parts import parts
from webui.trunk_states import states_of
from webui.visitor import address, visitor

page = Blueprint("status", __name__, url_prefix="/status")
#: The status page itself shows that the call is over, or that nobody answers.
_SAID_BY_THE_PAGE = ("hangup.no_such_call", "control.not_running", "control.timeout")
OPERATIONS = ("status", "calls", "reachability", "trunks", "lines")


@page.get("/")
def index() -> str:
    """The page, with what is known at this moment."""
    answers: dict[str, Any] = {}
    try:
        answers = {name: box.ask(name) for name in OPERATIONS}
        why_not = ""
    except UserError as error:
        why_not = box.say(error)
    context = {} if why_not else _context(answers)
    return render_template("status/index.html", why_not=why_not, **context)


@page.get("/live")
def live() -> Response:
    """What changes, while somebody looks."""
    return stream(parts().broker, OPERATIONS, _fragments, box.say)


@page.post("/calls/<call_ref>/hang-up")
def hang_up(call_ref: str) -> AnyResponse:
    """End a call; one that is over already is no error."""
    try:
        box.ask("hangup", call_ref=call_ref)
        parts().audit.note("call_ended", account=visitor().name, address=address(), detail=call_ref)
    except UserError as error:
        if error.key not in _SAID_BY_THE_PAGE:
            raise
    return redirect(url_for("status.index"))


def _fragments(answers: Answers) -> dict[str, Any]:
    context = _context(answers)
    names = ("attention", "overview", "calls", "trunks")
    return {name: render_template(f"status/{name}.html", **context) for name in names}


def _context(answers: Mapping[str, Any]) -> dict[str, Any]:
    revision, document = box.settings()
    return {
        "status": answers["status"],
        "needs": attention.needs(answers, document, revision, g.now),
        "calls": [_call(row) for row in answers["calls"]["calls"]],
        "trunks": states_of(answers["trunks"], language()),
        "reachable": answers["reachability"]["reachable"],
        "can_hang_up": may(visitor().role, "status.hang_up"),
    }


def _call(row: Mapping[str, Any]) -> dict[str, Any]:
    """A live call in the reader's words."""
    return {
        **row,
        "state_text": word(STATES, row["state"], language()),
        "way": word(DIRECTIONS, row["direction"], language()),
        "with": party(row["answered_by"], language()) if row["answered_by"] else "",
        "is_talking": row["talk_s"] > 0,
    }
