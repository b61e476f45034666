"""Outside numbers (DIDs): by which trunk or line each comes, and which extension it rings.

Owns nothing.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from webui import box, collection, paging, ways
from webui.access import may
from webui.collection_pages import Answer, CollectionPages
from webui.forms import Form
from webui.i18n import gettext
from webui.visitor import visitor

page = Blueprint("numbers", __name__, url_prefix="/numbers")
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
    wanted = collection.without(box.settings()[1], "dids", number)
    note = str(gettext("Outside number %(number)s removed", number=number))
    return _PAGES.keep(wanted, note, number)


def _index(form: Form) -> str:
    document = box.settings()[1]
    names = {e.number: e.name for e in document.extensions}
    rows = [(did, names.get(did.extension, "")) for did in document.dids]
    shown = paging.page_of(
        rows,
        lambda row: f"{row[0].number} {row[0].trunk} {row[0].extension} {row[1]}",
        *paging.asked(),
    )
    return render_template(
        "numbers/index.html",
        form=form,
        page=shown,
        mute=ways.mute(document),
        has_ways=bool(ways.names_of(document)),
        has_extensions=bool(document.extensions),
        can_change=may(visitor().role, "numbers.edit"),
    )


def _edit(number: str) -> Answer:
    document = box.settings()[1]
    return _PAGES.edit(
        number,
        lambda typed: gettext("Outside number %(number)s", number=typed),
        new=gettext("Add an outside number"),
        lead="",
        trunk=[(name, name) for name in ways.names_of(document)],
        extension=[(e.number, f"{e.number} {e.name}".strip()) for e in document.extensions],
    )


_PAGES = CollectionPages("dids", FIELDS, "numbers.index", _index)
