"""How the box is, live. Owns nothing: it asks the daemon."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template

from webui import box
from webui.live import Answers, stream
from webui.parts import parts

page = Blueprint("status", __name__, url_prefix="/status")


@page.get("/")
def index() -> str:
    """The page, with what is known at this moment."""
    status, why_not = box.try_asking("status")
    return render_template("status/index.html", status=status, why_not=why_not)


@page.get("/live")
def live() -> Response:
    """What changes, while somebody looks."""
    return stream(parts().broker, ("status",), _fragments, box.say)


def _fragments(answers: Answers) -> dict[str, Any]:
    return {"overview": render_template("status/overview.html", status=answers["status"])}
