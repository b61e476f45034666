"""Who is shut out and why, and letting them in again by one tap. Owns nothing; asks the daemon."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.commands.words import BAN_KINDS, word
from appliance.errors import UserError
from webui import box
from webui.i18n import language
from webui.live import Answers, stream
from webui.parts import parts
from webui.visitor import address, visitor

page = Blueprint("bans", __name__, url_prefix="/bans")


@page.get("/")
def index() -> str:
    """The list as it is now."""
    answer, why_not = box.try_asking("bans")
    return _page(answer, why_not)


@page.get("/live")
def live() -> Response:
    """What changes, while somebody looks."""
    return stream(parts().broker, ("bans",), _fragments, box.say)


@page.post("/lift")
def lift() -> AnyResponse | tuple[str, int]:
    """Hold nothing more against an address or an account."""
    name = request.form.get("name", "")
    try:
        box.ask("unban", name=name)
    except UserError as error:
        answer, why_not = box.try_asking("bans")
        return _page(answer, why_not or box.say(error)), 409
    parts().audit.note("ban_lifted", account=visitor().name, address=address(), detail=name)
    return redirect(url_for("bans.index"))


def _page(answer: Any, why_not: str) -> str:
    rows = _rows(answer)
    return render_template("bans/index.html", rows=rows, answer=answer, why_not=why_not)


def _fragments(answers: Answers) -> dict[str, Any]:
    answer = answers["bans"]
    return {"bans": render_template("bans/list.html", rows=_rows(answer), answer=answer)}


def _rows(answer: Any) -> list[dict[str, Any]]:
    """The youngest first; ``name`` is what to lift."""
    bans = answer["bans"] if answer else []
    return [
        {
            **ban,
            "shut": word(BAN_KINDS, ban["kind"], language()),
            "name": ban["address"] or ban["account"],
        }
        for ban in reversed(bans)
    ]
