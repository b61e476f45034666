"""Trunks: how each is and why, adding one by a preset, trying, changing and removing it.

Owns nothing. A trunk that rules or numbers lead to is not removed: the page names them.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.config.codec import Decoded, decode, to_data
from appliance.config.model import Document, Trunk
from appliance.config.presets import Provider
from webui import box, collection, entity_form, saving, ways
from webui.access import may
from webui.forms import Form
from webui.i18n import gettext, language
from webui.live import Answers, stream
from webui.parts import parts
from webui.setup import trunk as presets
from webui.trunk_states import states_of
from webui.views.wizard_trunk import trial_of
from webui.visitor import visitor

page = Blueprint("trunks", __name__, url_prefix="/trunks")
Answer = str | AnyResponse | tuple[str, int]
PLAIN = ("name", "host", "authentication", "username", "secret", "caller_id", "is_enabled")
MORE = (
    "port",
    "transport",
    "outbound_proxy",
    "domain",
    "auth_username",
    "realm",
    "source_addresses",
    "number_form",
    "caller_id_header",
    "did_from",
    "max_calls",
    "registration_expires_s",
    "qualify_s",
    "no_answer_s",
    "leave_on",
)
FIELDS = (*PLAIN, *MORE)


@page.get("/")
def index() -> str:
    """All of them, in the order of the settings."""
    return _index(Form())


@page.get("/live")
def live() -> Response:
    """What changes, while somebody looks."""
    return stream(parts().broker, ("trunks",), _fragments, box.say)


@page.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """The list of providers, or the form of one."""
    _, document = box.settings()
    preset = presets.preset_of(request.values.get("preset", ""))
    if preset is None:
        offered = presets.offered(document.site.country)
        return render_template("trunks/choose.html", offered=offered)
    form = Form(values=request.form or _values_of(preset, document))
    if request.method == "GET":
        return _page(form, preset=preset)
    wanted = _added(document, preset, form)
    if request.form.get("do") == "try":
        return _tried(form, wanted, preset=preset)
    name = form.value("name").strip()
    if name in document.trunk_by_name:
        form.add("name", gettext("There is a trunk by this name. Choose another one."))
    note = gettext("Trunk %(name)s added", name=name)
    if saving.keep(form, wanted, _finder(name), str(note)):
        return redirect(url_for("trunks.index"))
    return _page(form, preset=preset)


@page.route("/<path:name>/edit", methods=["GET", "POST"])
def edit(name: str) -> Answer:
    """The fields of one."""
    _, document = box.settings()
    trunk = _known(name)
    form = Form(values=request.form or entity_form.values_of(trunk, FIELDS))
    if request.method == "GET":
        return _page(form, trunk=trunk)
    wanted = _changed(document, trunk, form)
    if request.form.get("do") == "try":
        return _tried(form, wanted, trunk=trunk)
    note = gettext("Trunk %(name)s", name=name)
    if saving.keep(form, wanted, _finder(form.value("name").strip()), str(note)):
        return redirect(url_for("trunks.index"))
    return _page(form, trunk=trunk)


@page.post("/<path:name>/remove")
def remove(name: str) -> Answer:
    """It is gone, unless rules or numbers lead to it."""
    _, document = box.settings()
    _known(name)
    form = Form()
    form.general += ways.why_kept(document, name)
    wanted = collection.without(document, "trunks", name)
    note = gettext("Trunk %(name)s removed", name=name)
    if not form.is_sound or saving.keep(form, wanted, {}, str(note)) is None:
        return _index(form), 409
    return redirect(url_for("trunks.index"))


def _index(form: Form) -> str:
    answer, why_not = box.try_asking("trunks")
    return render_template("trunks/index.html", form=form, why_not=why_not, **_list_context(answer))


def _fragments(answers: Answers) -> dict[str, Any]:
    return {"trunks": render_template("trunks/list.html", **_list_context(answers["trunks"]))}


def _list_context(answer: Any) -> dict[str, Any]:
    document = box.settings()[1]
    states = {state.name: state for state in states_of(answer, language())}
    return {
        "rows": [(t, states.get(t.name), ways.users_of(document, t.name)) for t in document.trunks],
        "has_lines": ways.has_lines(document),
        "can_change": may(visitor().role, "trunks.edit"),
    }


def _page(
    form: Form,
    *,
    preset: Provider | None = None,
    trunk: Trunk | None = None,
    trial: dict[str, Any] | None = None,
) -> Answer:
    return saving.form_page(
        "trunks/edit.html",
        form,
        preset=preset,
        trunk=trunk,
        trial=trial,
        plain=entity_form.views("trunks", PLAIN, language(), ways.trunk_choices()),
        more=entity_form.views("trunks", MORE, language(), ways.trunk_choices()),
        is_more_open=any(name in form.errors for name in MORE),
    )


def _tried(form: Form, wanted: Decoded, **what: Any) -> Answer:
    """Ask the daemon to try it; nothing is saved."""
    trial = trial_of(form, wanted, _finder(form.value("name").strip()))
    if request.headers.get("X-Fragment"):
        return render_template("wizard/trial.html", trial=trial)
    return _page(form, trial=trial, **what)


def _values_of(preset: Provider, document: Document) -> dict[str, str]:
    """What the form of a new trunk holds: the preset's facts, under a name that is free."""
    name, number = preset.key, 2
    while name in document.trunk_by_name:
        name, number = f"{preset.key}-{number}", number + 1
    given = {field: presets.text_of(value) for field, value in preset.trunk_data().items()}
    return entity_form.blank("trunks", FIELDS) | given | {"name": name}


def _added(document: Document, preset: Provider, form: Form) -> Decoded:
    """The document with the trunk, and with a rule by which calls leave."""
    filled = entity_form.fill("trunks", preset.trunk_data(), FIELDS, form.values)
    data = to_data(document)
    data["trunks"] = [*data["trunks"], filled | {"preset": preset.key}]
    data["rules"] = presets.rules_with(data["rules"], str(filled["name"]), "")
    return decode(data)


def _changed(document: Document, trunk: Trunk, form: Form) -> Decoded:
    """The document with the trunk changed; rules and numbers follow its name."""
    filled = entity_form.fill("trunks", to_data(trunk), FIELDS, form.values)
    was, name = trunk.name, filled.get("name", "")
    data = to_data(document)
    data["trunks"] = [filled if t["name"] == was else t for t in data["trunks"]]
    return decode(ways.renamed(data, was, name))


def _finder(name: str) -> Any:
    return ways.finder("trunks", name, FIELDS)


def _known(name: str) -> Trunk:
    found = box.settings()[1].trunk_by_name.get(name)
    return found if found is not None else abort(404)
