"""Who is shut out and why, and letting them in again by one tap. Owns nothing; asks the daemon."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.commands.words import BAN_KINDS, word
from appliance.errors import UserError
from webui import box, paging
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
    search, number = paging.asked()

    def fragments(answers: Answers) -> dict[str, Any]:
        context = _context(answers["bans"], search, number)
        return {"bans": render_template("bans/list.html", **context)}

    return stream(parts().broker, ("bans",), fragments, box.say)


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
    context = _context(answer, *paging.asked())
    return render_template("bans/index.html", why_not=why_not, **context)


def _context(answer: Any, search: str, number: int) -> dict[str, Any]:
    """The youngest first; ``name`` of a row is what to lift."""
    bans = answer["bans"] if answer else []
    rows = [
        {
            **ban,
            "shut": word(BAN_KINDS, ban["kind"], language()),
            "name": ban["address"] or ban["account"],
        }
        for ban in reversed(bans)
    ]
    return {"page": paging.page_of(rows, _text, search, number), "answer": answer}


def _text(row: Mapping[str, Any]) -> str:
    return f"{row['address']} {row['account']} {row['shut']}"
