"""The audit log as a page, the newest entries first."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from webui.audit import ACTIONS
from webui.parts import parts

page = Blueprint("audit", __name__, url_prefix="/audit")
ROWS = 100


@page.get("/")
def index() -> str:
    """A page of entries; ``before`` continues the one before."""
    before = request.args.get("before", type=int)
    entries = parts().audit.entries(ROWS + 1, before)
    return render_template(
        "audit/index.html",
        entries=entries[:ROWS],
        older=entries[ROWS - 1].id if len(entries) > ROWS else None,
        is_first=before is None,
        actions=ACTIONS,
    )
