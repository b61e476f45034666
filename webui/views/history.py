"""The history of the settings: who changed what and when, what going back would change, going back.

Owns nothing: revisions are in config.db. Going back saves an old document as a new revision by the
same checks as any save, so that nothing is ever lost and going back can be taken back.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.config.diff import Change, changes
from appliance.config.store import Revision, RevisionConflict
from appliance.config.texts import problem_text
from appliance.config.validate import refusals
from appliance.errors import ConfigErrors, StoreError, UserError
from webui import box, saving
from webui.changes import Row, rows
from webui.i18n import gettext, language

page = Blueprint("history", __name__, url_prefix="/history")
SHOWN = 50
_MOST_CHANGES = 200  # of one save on its page
_IN_LIST = 3


@page.get("/")
def index() -> str:
    """Every revision that is kept, the newest first, a page of them."""
    before = request.args.get("before", type=int)
    kept = box.store().history(SHOWN + 1, before)
    listed = [(entry, *_shortened(entry.changes, _IN_LIST)) for entry in kept[:SHOWN]]
    return render_template(
        "history/index.html",
        listed=listed,
        current=box.settings()[0],
        older=kept[SHOWN - 1].revision if len(kept) > SHOWN else None,
        is_first=before is None,
    )


@page.get("/<int:revision>")
def show(revision: int) -> str | tuple[str, int]:
    """One revision: what it changed, and what going back to it would change now."""
    return _page(revision)


@page.post("/<int:revision>/revert")
def revert(revision: int) -> str | Response | tuple[str, int]:
    """Save this revision's document as the newest."""
    base = saving.revision_in(request.form.get("base", ""))
    entry = _entry(revision)
    try:
        _, document = box.store().load(revision)
        note = str(gettext("Back to revision %(number)s", number=entry.revision))
        saved = box.save(document, -1 if base is None else base, note, action="settings_reverted")
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
    why_not, ahead_more = "", 0
    ahead: list[Row] = []
    try:
        found = changes(document, box.store().load(revision)[1])
        ahead, ahead_more = _shortened(found, _MOST_CHANGES)
    except StoreError as error:
        why_not = box.say(error)
    made, made_more = _shortened(entry.changes, _MOST_CHANGES)
    text = render_template(
        "history/show.html",
        entry=entry,
        made=made,
        made_more=made_more,
        ahead=ahead,
        ahead_more=ahead_more,
        why_not=why_not,
        current=current,
        errors=errors or [],
        is_only_kept="kept" in request.args,
    )
    return text, code


def _entry(revision: int) -> Revision:
    found = box.store().history(1, before=revision + 1)
    return found[0] if found and found[0].revision == revision else abort(404)


def _shortened(made: Sequence[Change], most: int) -> tuple[list[Row], int]:
    """(the first of them in the reader's words, how many more there are)."""
    return rows(made[:most], language()), max(0, len(made) - most)
