"""Forwarding of an extension: always, when busy, when nobody answers, when no phone is there.

Owns nothing. A number may be written as it is dialled in this office; the settings keep the
extension or +E.164 that it means.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.config.codec import Decoded, decode, to_data
from appliance.config.field_texts import field_label
from appliance.config.model import DialProfile, Document, Extension
from appliance.config.presets import make_snapshot
from appliance.routing.forwarding import target_of
from appliance.routing.plan import plan_of
from webui import box, entity_form, saving
from webui.forms import Form
from webui.forwards import FIELDS
from webui.i18n import gettext, language

page = Blueprint("forwarding", __name__, url_prefix="/extensions")
Answer = str | AnyResponse | tuple[str, int]
_NAMES = (*FIELDS[:3], "forward_no_answer_s", FIELDS[3])


@page.route("/<number>/forwarding", methods=["GET", "POST"])
def edit(number: str) -> Answer:
    """Where its calls go."""
    revision, document = box.settings()
    extension = _known(document, number)
    form = Form(values=request.form or entity_form.values_of(extension, _NAMES))
    if request.method == "POST":
        plan = plan_of(make_snapshot(revision, document))
        typed = {name: form.value(name).strip() for name in FIELDS}
        meant = {name: target_of(text, plan) or text for name, text in typed.items() if text}
        values = {name: form.value(name) for name in _NAMES} | meant
        filled = entity_form.fill("extensions", to_data(extension), _NAMES, values)
        note = gettext("Forwarding of %(number)s", number=number)
        find = entity_form.finder("extensions", number, _NAMES)
        if saving.keep(form, _with(document, number, filled), find, str(note)):
            return redirect(url_for("extensions.show", number=number))
    return _page(form, extension)


@page.post("/<number>/forwarding/end")
def end(number: str) -> Answer:
    """Calls ring here again, and go nowhere else."""
    _, document = box.settings()
    extension = _known(document, number)
    filled = to_data(extension) | dict.fromkeys(FIELDS, "")
    form = Form(values=entity_form.values_of(extension, _NAMES))
    note = gettext("Forwarding of %(number)s ended", number=number)
    if saving.keep(form, _with(document, number, filled), {}, str(note)) is None:
        return _page(form, extension)
    return redirect(url_for("extensions.show", number=number))


def _page(form: Form, extension: Extension) -> Answer:
    return saving.form_page(
        "extensions/forwarding.html",
        form,
        extension=extension,
        fields_shown=entity_form.views("extensions", _NAMES, language()),
        codes=_codes(box.settings()[1].dialling),
    )


def _codes(dialling: DialProfile) -> list[tuple[str, str]]:
    """(what its owner dials, what it does); codes that are switched off are left out."""
    found = []
    number = str(gettext("number"))
    for name in FIELDS:
        code = getattr(dialling, f"{name}_code")
        if code:
            found.append((f"{code} {number}", field_label("extensions", name, language())))
    if dialling.forward_end_code:
        found.append((dialling.forward_end_code, str(gettext("End forwarding"))))
    return found


def _known(document: Document, number: str) -> Extension:
    found = document.extension_by_number.get(number)
    return found if found is not None else abort(404)


def _with(document: Document, number: str, filled: dict[str, Any]) -> Decoded:
    data = to_data(document)
    data["extensions"] = [filled if e["number"] == number else e for e in data["extensions"]]
    return decode(data)
