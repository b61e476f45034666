"""The history of the settings: who changed what and when, what going back would change, going back.

Owns nothing: revisions are in config.db. Going back saves an old document as a new revision by the
same checks as any save, so that nothing is ever lost and going back can be taken back.
"""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.config.diff import changes
from appliance.config.store import Revision, RevisionConflict
from appliance.config.texts import problem_text
from appliance.config.validate import refusals
from appliance.errors import ConfigErrors, StoreError, UserError
from webui import box
from webui.changes import rows
from webui.i18n import gettext, language

page = Blueprint("history", __name__, url_prefix="/history")
SHOWN = 100
_IN_LIST = 3


@page.get("/")
def index() -> str:
    """Every revision that is kept, the newest first."""
    listed = [
        (entry, rows(entry.changes[:_IN_LIST], language()), max(0, len(entry.changes) - _IN_LIST))
        for entry in box.store().history(SHOWN)
    ]
    return render_template("history/index.html", listed=listed, current=box.settings()[0])


@page.get("/<int:revision>")
def show(revision: int) -> str | tuple[str, int]:
    """One revision: what it changed, and what going back to it would change now."""
    return _page(revision)


@page.post("/<int:revision>/revert")
def revert(revision: int) -> str | Response | tuple[str, int]:
    """Save this revision's document as the newest."""
    base = request.form.get("base", "")
    entry = _entry(revision)
    try:
        _, document = box.store().load(revision)
        note = f"revert {entry.revision}"
        saved = box.save(
            document, int(base) if base.isdigit() else -1, note, action="settings_reverted"
        )
    except RevisionConflict:
        text = gettext("Somebody saved other settings meanwhile. Look at the changes once more.")
        return _page(revision, [text], 409)
    except ConfigErrors as error:
        return _page(revision, [problem_text(p, language()) for p in refusals(error.problems)], 422)
    except (UserError, StoreError) as error:
        return _page(revision, [box.say(error)], 503)
    return redirect(
        url_for("history.show", revision=saved.revision, kept=1 if saved.why_not_applied else None)
    )


def _page(revision: int, errors: list[str] | None = None, code: int = 200) -> tuple[str, int]:
    entry = _entry(revision)
    current, document = box.settings()
    why_not, ahead = "", []
    try:
        ahead = rows(changes(document, box.store().load(revision)[1]), language())
    except StoreError as error:
        why_not = box.say(error)
    text = render_template(
        "history/show.html",
        entry=entry,
        made=rows(entry.changes, language()),
        ahead=ahead,
        why_not=why_not,
        current=current,
        errors=errors or [],
        is_only_kept="kept" in request.args,
    )
    return text, code


def _entry(revision: int) -> Revision:
    found = next((e for e in box.store().history() if e.revision == revision), None)
    return found if found is not None else abort(404)
