"""Extensions: who there is, whether each can be called and why not, adding, changing, removing.

Owns nothing. A password is shown only when somebody asks for it, and the audit log knows that he
did; programs get it by a link that serves once (views/softphones.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.config.codec import Decoded, decode, to_data
from appliance.config.model import Document, Extension
from appliance.config.presets import class_titles
from webui import account_sheet, box, entity_form, forwards, paging, saving, voicemail
from webui.access import may
from webui.forms import Form
from webui.i18n import gettext, language
from webui.live import Answers, stream
from webui.parts import parts
from webui.phone_states import states_of
from webui.setup import extensions as ranges
from webui.visitor import address, visitor

page = Blueprint("extensions", __name__, url_prefix="/extensions")
Answer = str | AnyResponse | tuple[str, int]
PLAIN = ("name", "class_of_service", "caller_id", "pickup_group", "voicemail", "is_enabled")
MORE = (
    "max_calls",
    "max_bindings",
    "ring_time_s",
    "voicemail_after_s",
    "voicemail_pin",
    "max_paid_calls",
    "max_paid_calls_per_hour",
    "max_paid_minutes_per_day",
    "max_call_minutes",
)


@page.get("/")
def index() -> str:
    """All of them, with what the daemon knows of their phones."""
    answer, why_not = box.try_asking("registrations")
    return render_template(
        "extensions/index.html",
        why_not=why_not,
        can_change=_can_change(),
        **_context(answer, *paging.asked()),
    )


@page.get("/live")
def live() -> Response:
    """What changes, while somebody looks."""
    search, number = paging.asked()

    def fragments(answers: Answers) -> dict[str, Any]:
        context = _context(answers["registrations"], search, number)
        return {"extensions": render_template("extensions/list.html", **context)}

    return stream(parts().broker, ("registrations",), fragments, box.say)


@page.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """One more, or a range."""
    _, document = box.settings()
    form = Form(values=request.form or ranges.values_of(document) | _next(document))
    if request.method == "POST":
        wanted = ranges.apply(document, form)
        first, last = form.value("first").strip(), form.value("last").strip()
        note = gettext("Extensions %(first)s to %(last)s", first=first, last=last or first)
        if wanted is not None and saving.keep(
            form, Decoded(wanted, ()), ranges.field_of(form), str(note)
        ):
            return redirect(_in_list(first))
        ranges.shorten(form.errors)
    return saving.form_page("extensions/new.html", form, classes=_classes(document))


@page.get("/<number>")
def show(number: str) -> str:
    """One: what to type into its phone, and how its phones are."""
    return _show(_known(number))


@page.route("/<number>/edit", methods=["GET", "POST"])
def edit(number: str) -> Answer:
    """Its fields."""
    _, document = box.settings()
    extension = _known(number)
    names = (*PLAIN, *MORE)
    form = Form(values=request.form or entity_form.values_of(extension, names))
    if request.method == "POST":
        filled = entity_form.fill("extensions", to_data(extension), names, form.values)
        wanted = _with(document, number, filled)
        note = gettext("Extension %(number)s", number=number)
        find = entity_form.finder("extensions", number, names)
        if saving.keep(form, wanted, find, str(note)):
            return redirect(url_for("extensions.show", number=number))
    choices = {"class_of_service": _classes(document)}
    return saving.form_page(
        "extensions/edit.html",
        form,
        extension=extension,
        plain=entity_form.views("extensions", PLAIN, language(), choices),
        more=entity_form.views("extensions", MORE, language()),
        is_more_open=any(name in form.errors for name in MORE),
    )


@page.post("/<number>/secret")
def secret(number: str) -> str:
    """The page with its password to be seen; the audit log is told."""
    extension = _known(number)
    _note("secret_shown", number)
    return _show(extension, is_secret_shown=True)


@page.post("/<number>/renew")
def renew(number: str) -> Answer:
    """Another password; phones with the old one fall out at their next registration."""
    _, document = box.settings()
    filled = to_data(_known(number)) | {"secret": ranges.make_secret()}
    form = Form()
    note = gettext("A new password for %(number)s", number=number)
    if saving.keep(form, _with(document, number, filled), {}, str(note)) is None:
        return _show(_known(number), form=form), 409
    return redirect(url_for("extensions.show", number=number, renewed=1))


@page.post("/<number>/remove")
def remove(number: str) -> Answer:
    """It is gone, unless something still leads to it."""
    _, document = box.settings()
    extension = _known(number)
    form = Form()
    form.general += _uses(document, number)
    rest = tuple(e for e in document.extensions if e.number != number)
    wanted = Decoded(replace(document, extensions=rest), ())
    note = gettext("Extension %(number)s removed", number=number)
    address = _in_list(number)
    if not form.is_sound or saving.keep(form, wanted, {}, str(note)) is None:
        return _show(extension, form=form), 409
    return redirect(address)


def _in_list(number: str) -> str:
    """The page of the list on which this number stands now."""
    extensions = box.settings()[1].extensions
    return paging.address_of("extensions.index", (e.number for e in extensions), number)


def _show(extension: Extension, *, is_secret_shown: bool = False, form: Form | None = None) -> str:
    revision, document = box.settings()
    answer, why_not = box.try_asking("registrations")
    phones = states_of(answer, language()).get(extension.number, [])
    return render_template(
        "extensions/show.html",
        extension=extension,
        index=_in_list(extension.number),
        sheet=account_sheet.of(extension),
        phones=phones,
        why_not=why_not,
        is_secret_shown=is_secret_shown,
        form=form or Form(),
        forwards=forwards.rows_of(extension, revision, document, language()),
        class_title=dict(_classes(document)).get(extension.class_of_service, ""),
        messages=voicemail.count_of(parts().settings.data, extension.number),
        is_renewed="renewed" in request.args,
        can_change=_can_change(),
    )


def _context(answer: Any, search: str, number: int) -> dict[str, Any]:
    """A page of them: (extension, its phones or the reason that there is none, its class)."""
    document = box.settings()[1]
    titles = dict(_classes(document))
    shown = paging.page_of(document.extensions, partial(_text, titles), search, number)
    known = states_of(answer, language())
    rows = [
        (e, known.get(e.number, []), titles.get(e.class_of_service, e.class_of_service))
        for e in shown.rows
    ]
    return {"page": shown, "rows": rows}


def _text(titles: Mapping[str, str], extension: Extension) -> str:
    """What an extension is found by."""
    title = titles.get(extension.class_of_service, "")
    return f"{extension.number} {extension.name} {title} {extension.caller_id}"


def _classes(document: Document) -> list[tuple[str, str]]:
    titles = class_titles(language())
    return [(c.name, titles.get(c.name, c.name)) for c in document.classes]


def _next(document: Document) -> dict[str, str]:
    number = ranges.next_number(document) if document.extensions else "2001"
    return {"first": number, "last": number}


def _known(number: str) -> Extension:
    found = box.settings()[1].extension_by_number.get(number)
    return found if found is not None else abort(404)


def _with(document: Document, number: str, filled: dict[str, Any]) -> Decoded:
    data = to_data(document)
    data["extensions"] = [filled if e["number"] == number else e for e in data["extensions"]]
    return decode(data)


def _uses(document: Document, number: str) -> list[str]:
    """What still leads to this extension, with what to do."""
    others = [e.number for e in document.extensions if number in forwards.targets_of(e)]
    told = [
        str(gettext("Calls of %(other)s are forwarded here. End that first.", other=other))
        for other in others
    ]
    dids = [d.number for d in document.dids if d.extension == number]
    texts = [
        str(gettext("Calls to %(did)s ring here. Let them ring elsewhere first.", did=did))
        for did in dids
    ]
    if document.site.default_extension == number:
        texts.append(
            str(gettext("Calls to unknown numbers ring here. Choose another extension for them."))
        )
    if voicemail.count_of(parts().settings.data, number)[1]:
        told.append(str(gettext("It has voice messages. Listen to them and delete them first.")))
    return told + texts


def _can_change() -> bool:
    return may(visitor().role, "extensions.edit")


def _note(action: str, detail: str) -> None:
    parts().audit.note(action, account=visitor().name, address=address(), detail=detail)
