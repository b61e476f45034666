"""The wizard's step of the trunk: choose a provider, fill in what he gave, try it, save it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request

from appliance.config.checking import problems_of
from appliance.config.codec import Decoded, to_data
from appliance.config.model import Document
from appliance.config.presets import Provider
from appliance.config.validate import refusals
from appliance.errors import UserError
from appliance.routing.texts import say_why
from webui import box, ways
from webui.forms import Form
from webui.i18n import gettext, language
from webui.parts import parts
from webui.setup import trunk
from webui.trunk_states import ADVICE
from webui.views import wizard
from webui.visitor import address, visitor
from webui.words import N_

page = wizard.page
_TRIAL_S = 12.0
_STEPS = {
    "resolved": (N_("The server's name was found"), N_("The server's name is not known")),
    "answered": (N_("The server answers"), N_("The server did not answer a question (OPTIONS)")),
    "registered": (N_("Signed in with name and password"), N_("Signing in did not succeed")),
    "recognized": (N_("Name and password are right"), N_("Name and password were not accepted")),
    "taken_back": (N_("Signed out again: nothing stays behind"), N_("Signing out failed")),
}


@page.route("/trunk", methods=["GET", "POST"], endpoint="trunk")
def trunk_step() -> wizard.Answer:
    """The list of providers, or the form of one."""
    _, document = box.settings()
    if request.form.get("do") == "skip":
        return wizard.go_on("trunk")
    preset = trunk.preset_of(request.values.get("preset", ""))
    if preset is None:
        offered = trunk.offered(document.site.country)
        return wizard.show("trunk", Form(), preset=None, offered=offered, document=document)
    if request.method == "GET":
        form = Form(values=trunk.values_of(document, preset))
        return _show(form, document, preset)
    form = Form(values=request.form)
    if request.form.get("do") == "try":
        return _try(form, document, preset)
    decoded = trunk.apply(document, preset, form.values)
    find = trunk.field_of(form.value("name").strip())
    answer = wizard.keep("trunk", form, decoded.document, decoded.problems, find)
    return answer if answer is not None else (_show(form, document, preset), 422)


def _show(
    form: Form, document: Document, preset: Provider, trial: dict[str, Any] | None = None
) -> str:
    is_by_address = form.value("authentication") == "address"
    plain = trunk.BY_ADDRESS if is_by_address else trunk.PLAIN
    more = tuple(name for name in trunk.FIELDS if name not in plain)
    choices = ways.trunk_choices()
    return wizard.show(
        "trunk",
        form,
        preset=preset,
        document=document,
        plain=trunk.field_views(preset, plain, language(), choices),
        more=trunk.field_views(preset, more, language(), choices),
        is_more_open=any(name in form.errors for name in more),
        trial=trial,
        ringing=[(e.number, f"{e.number} {e.name}".strip()) for e in document.extensions],
    )


def _try(form: Form, document: Document, preset: Provider) -> wizard.Answer:
    """Ask the daemon to try it; nothing is saved."""
    decoded = trunk.apply(document, preset, form.values)
    trial = trial_of(form, decoded, trunk.field_of(form.value("name").strip()))
    if request.headers.get("X-Fragment"):
        return render_template("wizard/trial.html", trial=trial)
    return _show(form, document, preset, trial)


def trial_of(form: Form, wanted: Decoded, find: Any) -> dict[str, Any]:
    """What comes of the trunk of a form, in words. wanted: the settings with it, not saved."""
    name = form.value("name").strip()
    problems = (*wanted.problems, *refusals(problems_of(wanted.document)))
    ours = [p for p in problems if p.path.startswith("trunks[")]
    form.place([p for p in ours if find(p.path)], find, language())
    trunk = wanted.document.trunk_by_name.get(name)
    if ours or trunk is None:
        texts = [text for found in form.errors.values() for text in found]
        said = gettext("Some fields need a look first.")
        return _untold(str(said), texts)
    parts().audit.note("trunk_tried", account=visitor().name, address=address(), detail=name)
    try:
        found = box.ask("try_trunk", _TRIAL_S, trunk=to_data(trunk))
    except UserError as error:
        return _untold(box.say(error))
    return _in_words(found)


def _untold(text: str, problems: Sequence[str] = ()) -> dict[str, Any]:
    """A trial that was not made, and why."""
    return {"state": "unknown", "text": text, "advice": "", "steps": [], "problems": problems}


def _in_words(found: dict[str, Any]) -> dict[str, Any]:
    is_up, advice = found["state"] == "up", ""
    took = found.get("round_trip_ms")
    if is_up:
        text = gettext("It works: the provider accepts us.")
        if took is not None:
            text += " " + gettext("Answer in %(ms)s ms.", ms=round(took))
    else:
        key = str(found.get("why", ""))
        text = gettext("It does not work: %(why)s.", why=say_why(key, language()))
        advice = gettext(ADVICE[key]) if key in ADVICE else ""
        if found.get("status"):
            text += " " + gettext("The provider said %(status)s.", status=found["status"])
    steps = [
        {"ok": s["ok"], "text": _step_text(s["key"], s["ok"]), "detail": s.get("detail", "")}
        for s in found.get("steps", ())
    ]
    state = found["state"]
    return {"state": state, "text": text, "advice": advice, "steps": steps, "problems": []}


def _step_text(key: str, is_ok: bool) -> str:
    good, bad = _STEPS.get(key, (key, key))
    return gettext(good if is_ok else bad)
