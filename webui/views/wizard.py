"""The first set-up, step by step; each step saves, so that it may be left and taken up again.

Owns nothing: what a form makes of the settings is in webui/setup, how far one has come in
setup/progress.py.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.config.checking import problems_of
from appliance.config.codec import Decoded
from appliance.config.model import Document
from appliance.config.presets import class_titles, countries
from appliance.config.validate import refusals
from appliance.errors import Problem
from webui import box, changes, saving, ways
from webui.addresses import name_for_phones
from webui.forms import Form
from webui.i18n import LANGUAGES, gettext, language
from webui.parts import parts
from webui.setup import dialling, extensions, office, progress
from webui.visitor import keep_language, visitor

page = Blueprint("wizard", __name__, url_prefix="/wizard")
Answer = str | Response | tuple[str, int]


@page.get("/")
def index() -> Response:
    """On to the step that comes next; the summary when all are done."""
    step = progress.next_step(parts().database)
    return redirect(url_for(f"wizard.{'summary' if step == progress.DONE else step}"))


@page.route("/office", methods=["GET", "POST"], endpoint="office")
def office_step() -> Answer:
    """Name, language, time zone."""
    _, document = box.settings()
    context = {"timezones": office.timezones(), "is_new": box.settings()[0] <= 1}
    if request.method == "GET":
        values = office.values_of(document) | {"language": language()}
        return show("office", Form(values=values), **context)
    form = Form(values=request.form)
    decoded = office.apply(document, form.values)
    answer = keep("office", form, decoded.document, decoded.problems, office.PATHS)
    if answer is None:
        return show("office", form, **context), 422
    _speak(answer, form.value("language"))
    return answer


@page.route("/dialling", methods=["GET", "POST"], endpoint="dialling")
def dialling_step() -> Answer:
    """Country and dial profile, with what six numbers become."""
    _, document = box.settings()
    if request.method == "GET":
        form = Form(values=dialling.values_of(document))
        return show("dialling", form, **_samples(Decoded(document, ())))
    form = Form(values=request.form)
    decoded = dialling.apply(document, form.values)
    if request.form.get("do") == "preview":
        form.place(decoded.problems, dialling.PATHS, language())
        return show("dialling", form, **_samples(decoded))
    answer = keep("dialling", form, decoded.document, decoded.problems, dialling.PATHS)
    if answer is None:
        return show("dialling", form, **_samples(decoded)), 422
    return answer


@page.post("/dialling/preview")
def preview() -> str:
    """The samples alone, for a page whose form is being changed; nothing is saved."""
    decoded = dialling.apply(box.settings()[1], request.form)
    return render_template("wizard/samples.html", **_samples(decoded))


@page.route("/extensions", methods=["GET", "POST"], endpoint="extensions")
def extensions_step() -> Answer:
    """A range of numbers, with names and generated secrets."""
    _, document = box.settings()
    titles = class_titles(language())
    classes = [(c.name, titles.get(c.name, c.name)) for c in document.classes]
    context = {"document": document, "classes": classes}
    if request.method == "GET":
        return show("extensions", Form(values=extensions.values_of(document)), **context)
    form = Form(values=request.form)
    if request.form.get("do") == "skip":
        return go_on("extensions")
    wanted = extensions.apply(document, form)
    answer = keep("extensions", form, wanted, (), extensions.field_of(form)) if wanted else None
    if answer is None:
        extensions.shorten(form.errors)
        return show("extensions", form, **context), 422
    return answer


@page.route("/summary", methods=["GET", "POST"])
def summary() -> Answer:
    """What has been set up; then it is finished."""
    _, document = box.settings()
    if request.method == "POST":
        progress.finished(parts().database, "summary")
        return redirect(url_for("wizard.done"))
    trunks, _ = box.try_asking("trunks")
    states = {t["name"]: t for t in (trunks or {}).get("trunks", ())}
    titles = class_titles(language())
    return show(
        "summary",
        Form(),
        document=document,
        states=states,
        classes=titles,
        has_lines=ways.has_lines(document),
    )


@page.get("/done")
def done() -> Answer:
    """What to type into the first softphone."""
    _, document = box.settings()
    status, why_not = box.try_asking("status")
    port = next((s["port"] for s in (status or {}).get("sip", ())), 5060)
    first = next((e for e in document.extensions if e.is_enabled), None)
    return render_template(
        "wizard/done.html",
        document=document,
        extension=first,
        server=name_for_phones(status),
        port=port,
        why_not=why_not,
    )


# ---- what all steps share


def show(step: str, form: Form, **context: Any) -> str:
    """A step's page."""
    names = [s.name for s in progress.STEPS]
    following = progress.next_step(parts().database)
    reached = len(names) if following == progress.DONE else names.index(following)
    items = [
        (gettext(s.title), url_for(f"wizard.{s.name}") if place <= reached else "")
        for place, s in enumerate(progress.STEPS)
    ]
    here = names.index(step)
    return render_template(
        f"wizard/{step}.html",
        form=form,
        items=items,
        current=here,
        back=url_for(f"wizard.{names[here - 1]}") if here else "",
        revision=saving.base_of(form),
        meanwhile=changes.rows(g.get("meanwhile", ()), language()),
        **context,
    )


def keep(
    step: str,
    form: Form,
    document: Document,
    problems: tuple[Problem, ...],
    field_of: saving.FieldOf,
) -> Response | None:
    """Save a step and go on; None when the form says why not."""
    note = gettext("Set-up: %(step)s", step=_title(step))
    saved = saving.keep(form, Decoded(document, problems), field_of, str(note))
    return go_on(step) if saved is not None else None


def go_on(step: str) -> Response:
    """A step is done: on to the one behind it."""
    following = progress.finished(parts().database, step)
    return redirect(url_for(f"wizard.{following}"))


def _title(step: str) -> str:
    return gettext(next(s.title for s in progress.STEPS if s.name == step))


def _speak(response: Response, chosen: str) -> None:
    """The office's language becomes the reader's own."""
    account = visitor().account
    if chosen in LANGUAGES and account is not None:
        parts().accounts.set_language(account.name, chosen)
        keep_language(response, chosen)


def _samples(decoded: Decoded) -> dict[str, Any]:
    """What the samples become by a profile, and what is wrong with it."""
    document = decoded.document
    form = Form()
    found = (*decoded.problems, *refusals(problems_of(document)))
    form.place([p for p in found if p.path in dialling.PATHS], dialling.PATHS, language())
    now = datetime.fromtimestamp(g.now, box.zone_of(document))
    rows = dialling.rows(document, now, language()) if _is_known(document) else ()
    problems = [
        f"{gettext(dialling.LABELS[name])}: {text}"
        for name, texts in form.errors.items()
        for text in texts
    ]
    return {"rows": rows, "problems": problems[:3]}


def _is_known(document: Document) -> bool:
    return document.site.country in countries()
