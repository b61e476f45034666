"""Rules: which trunks and lines carry which calls outside, in the order in which they are tried.

Owns nothing.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from appliance.config.model import DestinationKind
from appliance.routing.texts import say_kind
from webui import box, collection, paging, ways
from webui.access import may
from webui.collection_pages import Answer, CollectionPages
from webui.forms import Form
from webui.i18n import gettext, language
from webui.visitor import visitor

page = Blueprint("rules", __name__, url_prefix="/rules")
FIELDS = ("name", "kinds", "prefix", "ways", "is_enabled")
_INSIDE = (DestinationKind.INTERNAL, DestinationKind.FEATURE)


@page.get("/")
def index() -> str:
    """All of them, in their order."""
    return _index(Form())


@page.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """One more, tried last."""
    return _edit("")


@page.route("/<path:name>/edit", methods=["GET", "POST"])
def edit(name: str) -> Answer:
    """What it carries, and by which trunks."""
    return _edit(name)


@page.post("/<path:name>/up")
def up(name: str) -> Answer:
    """Tried before the one above it."""
    wanted = collection.raised(box.settings()[1], "rules", name)
    return _PAGES.keep(wanted, str(gettext("Rule %(name)s", name=name)), name)


@page.post("/<path:name>/remove")
def remove(name: str) -> Answer:
    """It is gone."""
    wanted = collection.without(box.settings()[1], "rules", name)
    return _PAGES.keep(wanted, str(gettext("Rule %(name)s removed", name=name)), name)


def _index(form: Form) -> str:
    rules = enumerate(box.settings()[1].rules, start=1)
    rows = [
        (place, rule, ", ".join(say_kind(k, language()) for k in rule.kinds))
        for place, rule in rules
    ]
    shown = paging.page_of(
        rows,
        lambda row: f"{row[1].name} {row[2]} +{row[1].prefix} {' '.join(row[1].ways)}",
        *paging.asked(),
    )
    return render_template(
        "rules/index.html", form=form, page=shown, can_change=may(visitor().role, "rules.edit")
    )


def _edit(name: str) -> Answer:
    names = ", ".join(ways.names_of(box.settings()[1])) or "—"
    return _PAGES.edit(
        name,
        lambda typed: gettext("Rule %(name)s", name=typed),
        new=gettext("Add a rule"),
        lead=gettext("Trunks and lines that there are: %(ways)s", ways=names),
        kinds=[(k.value, say_kind(k, language())) for k in DestinationKind if k not in _INSIDE],
    )


_PAGES = CollectionPages("rules", FIELDS, "rules.index", _index)
