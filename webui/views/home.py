"""The first page: where a reader begins depends on his role."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from webui.access import may
from webui.visitor import visitor

page = Blueprint("home", __name__)


@page.get("/")
def index() -> Response:
    """To the status, or to his own page for who may not see it."""
    target = "status.index" if may(visitor().role, "status.index") else "account.index"
    return redirect(url_for(target))
