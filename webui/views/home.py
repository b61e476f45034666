"""The first page: where a reader begins depends on his role."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from webui import box
from webui.access import may
from webui.parts import parts
from webui.setup import progress
from webui.visitor import visitor

page = Blueprint("home", __name__)


@page.get("/")
def index() -> Response:
    """To the wizard on a new box, else to the status, or to his own page for who may not see it."""
    role = visitor().role
    if may(role, "wizard.index") and progress.is_needed(parts().database, box.settings()[1]):
        return redirect(url_for("wizard.index"))
    target = "status.index" if may(role, "status.index") else "account.index"
    return redirect(url_for(target))
