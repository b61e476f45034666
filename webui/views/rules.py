"""Rules: which trunks and lines carry which calls outside, in the order in which they are tried.

Owns nothing.
"""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.config.model import DestinationKind
from appliance.routing.texts import say_kind
from webui import box, collection, entity_form, saving, ways
from webui.access import may
from webui.forms import Form
from webui.i18n import gettext, language
from webui.visitor import visitor

page = Blueprint("rules", __name__, url_prefix="/rules")
Answer = str | Response | tuple[str, int]
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


@page.route("/<name>/edit", methods=["GET", "POST"])
def edit(name: str) -> Answer:
    """What it carries, and by which trunks."""
    return _edit(name)


@page.post("/<name>/up")
def up(name: str) -> Answer:
    """Tried before the one above it."""
    wanted = collection.raised(box.settings()[1], "rules", name)
    form = Form()
    if saving.keep(form, wanted, {}, str(gettext("Rule %(name)s", name=name))) is None:
        return _index(form), 409
    return redirect(url_for("rules.index"))


@page.post("/<name>/remove")
def remove(name: str) -> Answer:
    """It is gone."""
    wanted = collection.without(box.settings()[1], "rules", name)
    form = Form()
    if saving.keep(form, wanted, {}, str(gettext("Rule %(name)s removed", name=name))) is None:
        return _index(form), 409
    return redirect(url_for("rules.index"))


def _index(form: Form) -> str:
    rules = box.settings()[1].rules
    return render_template(
        "rules/index.html",
        form=form,
        rows=[(rule, [say_kind(kind, language()) for kind in rule.kinds]) for rule in rules],
        can_change=may(visitor().role, "rules.edit"),
    )


def _edit(name: str) -> Answer:
    _, document = box.settings()
    rule = collection.found(document, "rules", name)
    if name and rule is None:
        abort(404)
    known = entity_form.values_of(rule, FIELDS) if rule else entity_form.blank("rules", FIELDS)
    form = Form(values=request.form or known)
    if request.method == "POST":
        typed = form.value("name").strip()
        wanted = collection.with_form(document, "rules", name, FIELDS, form.values)
        find = entity_form.finder("rules", typed, FIELDS)
        if saving.keep(form, wanted, find, str(gettext("Rule %(name)s", name=typed))):
            return redirect(url_for("rules.index"))
    kinds = [(k.value, say_kind(k, language())) for k in DestinationKind if k not in _INSIDE]
    return saving.form_page(
        "rules/edit.html",
        form,
        rule=rule,
        ways=ways.names_of(document),
        views=entity_form.views("rules", FIELDS, language(), {"kinds": kinds}),
    )
