"""Who may call where: the classes of service, their kinds of calls, limits, and countries abroad.

Owns nothing. Abroad is closed until somebody opens it here, country by country (countries.py).
"""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, abort, redirect, render_template, request, url_for

from appliance.config.model import ClassOfService, DestinationKind
from appliance.config.presets import class_titles
from appliance.routing.texts import say_kind
from webui import box, collection, countries, entity_form, paging, saving
from webui.access import may
from webui.collection_pages import Answer
from webui.forms import Form
from webui.i18n import gettext, language
from webui.visitor import visitor

page = Blueprint("classes", __name__, url_prefix="/classes")
LIMITS = (
    "max_paid_calls",
    "max_paid_calls_per_hour",
    "max_paid_minutes_per_day",
    "max_call_minutes",
)
FIELDS = ("allows", *LIMITS)
_NAMED = 12  # countries that the list names


@page.get("/")
def index() -> str:
    """All of them, from the narrowest to the widest."""
    document = box.settings()[1]
    uses = Counter(e.class_of_service for e in document.extensions)
    rows = []
    for service in document.classes:
        names = countries.names_of(document, service, language())
        kinds = ", ".join(say_kind(kind, language()) for kind in service.allows)
        shown = ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
        rows.append((service, _title(service), kinds, shown, uses[service.name]))
    return render_template(
        "classes/index.html",
        rows=rows,
        is_all_open=countries.is_all_open,
        wide=", ".join(_title(each) for each in document.classes if countries.is_all_open(each)),
        can_change=may(visitor().role, "classes.edit"),
    )


@page.route("/<path:name>/edit", methods=["GET", "POST"])
def edit(name: str) -> Answer:
    """Its kinds of calls and its limits."""
    service = _known(name)
    form = Form(values=request.form or entity_form.values_of(service, FIELDS))
    if request.method == "POST":
        wanted = collection.with_form(box.settings()[1], "classes", name, FIELDS, form.values)
        find = entity_form.finder("classes", name, FIELDS)
        if saving.keep(form, wanted, find, _note(service)):
            return redirect(url_for("classes.index"))
    kinds = [(kind.value, say_kind(kind, language())) for kind in DestinationKind]
    return saving.form_page(
        "entity.html",
        form,
        title=_title(service),
        lead=gettext("What these extensions may dial, and how much of it. 0 is no limit."),
        index=url_for("classes.index"),
        views=entity_form.views("classes", FIELDS, language(), {"allows": kinds}),
    )


@page.route("/<path:name>/countries", methods=["GET", "POST"], endpoint="countries")
def open_countries(name: str) -> Answer:
    """Abroad, country by country."""
    service = _known(name)
    document = box.settings()[1]
    search, _ = paging.asked()
    rows = countries.countries_of(document, service, language(), search)
    known = {
        "open": "all" if countries.is_all_open(service) else "chosen",
        "prefixes": countries.prefixes_of(service),
        **{f"country.{row.code}": countries.YES for row in rows if row.is_open},
    }
    form = Form(values=request.form or known)
    if request.method == "POST":
        wanted = countries.with_countries(document, name, form.values)
        if saving.keep(form, wanted, _field_of, _note(service)):
            return redirect(url_for("classes.index"))
    return saving.form_page(
        "classes/countries.html",
        form,
        service=service,
        title=_title(service),
        rows=rows,
        search=search,
    )


def _field_of(path: str) -> str:
    """A country that nobody knows was written, not ticked."""
    return "prefixes" if ".countries" in path else ""


def _note(service: ClassOfService) -> str:
    return str(gettext("Who may call where: %(name)s", name=_title(service)))


def _title(service: ClassOfService) -> str:
    return class_titles(language()).get(service.name, service.name)


def _known(name: str) -> ClassOfService:
    found: ClassOfService | None = collection.found(box.settings()[1], "classes", name)
    return found if found is not None else abort(404)
