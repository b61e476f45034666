"""Outside numbers (DIDs): by which trunk or line each comes, and which extension it rings.

Owns nothing.
"""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webui import box, collection, entity_form, saving, ways
from webui.access import may
from webui.forms import Form
from webui.i18n import gettext, language
from webui.visitor import visitor

page = Blueprint("numbers", __name__, url_prefix="/numbers")
Answer = str | Response | tuple[str, int]
FIELDS = ("number", "trunk", "extension", "is_enabled")


@page.get("/")
def index() -> str:
    """All of them."""
    return _index(Form())


@page.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """One more."""
    return _edit("")


@page.route("/<number>/edit", methods=["GET", "POST"])
def edit(number: str) -> Answer:
    """Where it rings."""
    return _edit(number)


@page.post("/<number>/remove")
def remove(number: str) -> Answer:
    """It is gone; calls to it ring where unknown numbers do."""
    _, document = box.settings()
    form = Form()
    wanted = collection.without(document, "dids", number)
    note = gettext("Outside number %(number)s removed", number=number)
    if saving.keep(form, wanted, {}, str(note)) is None:
        return _index(form), 409
    return redirect(url_for("numbers.index"))


def _index(form: Form) -> str:
    document = box.settings()[1]
    names = {e.number: e.name for e in document.extensions}
    can_change = may(visitor().role, "numbers.edit")
    return render_template(
        "numbers/index.html",
        form=form,
        document=document,
        names=names,
        has_ways=bool(ways.names_of(document)),
        can_change=can_change,
    )


def _edit(number: str) -> Answer:
    _, document = box.settings()
    did = collection.found(document, "dids", number)
    if number and did is None:
        abort(404)
    known = entity_form.values_of(did, FIELDS) if did else entity_form.blank("dids", FIELDS)
    form = Form(values=request.form or known)
    if request.method == "POST":
        typed = form.value("number").strip()
        wanted = collection.with_form(document, "dids", number, FIELDS, form.values)
        find = entity_form.finder("dids", typed, FIELDS)
        note = gettext("Outside number %(number)s", number=typed)
        if saving.keep(form, wanted, find, str(note)):
            return redirect(url_for("numbers.index"))
    choices = {
        "trunk": [(name, name) for name in ways.names_of(document)],
        "extension": [(e.number, f"{e.number} {e.name}".strip()) for e in document.extensions],
    }
    return saving.form_page(
        "numbers/edit.html",
        form,
        did=did,
        views=entity_form.views("dids", FIELDS, language(), choices),
    )
