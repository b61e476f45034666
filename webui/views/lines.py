"""Lines: telephones on wires, city lines and SIMs; how each is, its settings, its messages.

Owns nothing. A simulated line can be played from its card: lifted, dialled, rung. A line that rules
or numbers lead to is not removed: the page names them.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.commands.line_words import LINE_KINDS
from appliance.commands.words import word
from appliance.config.codec import Decoded, decode, to_data
from appliance.config.model import Document, Line
from appliance.errors import UserError
from webui import box, collection, entity_form, saving, ways
from webui.access import may
from webui.forms import Form
from webui.i18n import gettext, language
from webui.line_fields import FIELDS, MORE, PLAIN, choices
from webui.line_states import findings_of, proposals_of, states_of
from webui.live import Answers, stream
from webui.parts import parts
from webui.setup.trunk import rules_with
from webui.visitor import address, visitor

page = Blueprint("lines", __name__, url_prefix="/lines")
Answer = str | AnyResponse | tuple[str, int]
_HANDS = ("lift", "dial", "flash", "hang_up", "ring")


@page.get("/")
def index() -> str:
    """All of them, in the order of the settings."""
    return _index(Form())


@page.get("/live")
def live() -> Response:
    """What changes, while somebody looks."""
    return stream(parts().broker, ("lines",), _fragments, box.say)


@page.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """The kinds, or the form of one."""
    kind = request.values.get("kind", "")
    if kind not in FIELDS:
        kinds = [(kind, word(LINE_KINDS, kind, language())) for kind in FIELDS]
        answer, _ = box.try_asking("line_devices")
        devices = answer["devices"] if answer else []
        return render_template("lines/choose.html", kinds=kinds, devices=devices)
    given = {"device": request.args.get("device", "")}
    form = Form(values=request.form or entity_form.blank("lines", FIELDS[kind]) | given)
    if request.method == "GET":
        return _page(form, kind)
    name = form.value("name").strip()
    if name in box.settings()[1].line_by_name:
        form.add("name", gettext("There is a line by this name. Choose another one."))
    wanted = _with_line(box.settings()[1], "", kind, form)
    note = gettext("Line %(name)s added", name=name)
    if saving.keep(form, wanted, _finder(name, kind), str(note)):
        return redirect(url_for("lines.index"))
    return _page(form, kind)


@page.route("/<path:name>/edit", methods=["GET", "POST"])
def edit(name: str) -> Answer:
    """The fields of one."""
    line = _known(name)
    kind = line.kind.value
    form = Form(values=request.form or entity_form.values_of(line, FIELDS[kind]))
    if request.method == "POST":
        wanted = _with_line(box.settings()[1], name, kind, form)
        note = gettext("Line %(name)s", name=name)
        find = _finder(form.value("name").strip(), kind)
        if saving.keep(form, wanted, find, str(note)):
            return redirect(url_for("lines.index"))
    return _page(form, kind, line)


@page.post("/<path:name>/remove")
def remove(name: str) -> Answer:
    """It is gone, unless rules or numbers lead to it."""
    _, document = box.settings()
    _known(name)
    form = Form()
    form.general += ways.why_kept(document, name)
    wanted = collection.without(document, "lines", name)
    note = gettext("Line %(name)s removed", name=name)
    if not form.is_sound or saving.keep(form, wanted, {}, str(note)) is None:
        return _index(form), 409
    return redirect(url_for("lines.index"))


@page.post("/<path:name>/play")
def play(name: str) -> Answer:
    """The hand of a simulated line: lift it, dial, press the cradle, put it down, call by it."""
    _known(name)
    what = request.form.get("do", "")
    if what not in _HANDS:
        abort(404)
    given: dict[str, Any] = {
        key: request.form[key] for key in ("digits", "number") if request.form.get(key)
    }
    form = Form()
    try:
        box.ask(f"line_{what}", line=name, **given)
    except UserError as error:
        form.general.append(box.say(error))
        return _index(form), 409
    return redirect(url_for("lines.index", _anchor=f"line-{name}"))


@page.route("/<path:name>/doctor", methods=["GET", "POST"])
def doctor(name: str) -> Answer:
    """Begin to examine a free city line; the page shows how far it is and what was found."""
    line = _known(name)
    form = Form(values=request.form)
    if request.method == "POST":
        asked: dict[str, Any] = {"line": name, "wait": False}
        if number := form.value("call").strip():
            asked["call"] = number
        try:
            box.ask("line_doctor", **asked)
        except UserError as error:
            form.general.append(box.say(error))
        else:
            return redirect(url_for("lines.doctor", name=name))
    answer, _ = box.try_asking("line_examinations")
    text = render_template("lines/doctor.html", form=form, **_examined(line, answer))
    return text if form.is_sound else (text, 409)


@page.get("/<path:name>/doctor/live")
def doctor_live(name: str) -> Response:
    """How the examination goes, while somebody looks."""
    line = _known(name)

    def fragments(answers: Answers) -> dict[str, Any]:
        context = _examined(line, answers["line_examinations"])
        return {"examination": render_template("lines/examination.html", **context)}

    return stream(parts().broker, ("line_examinations",), fragments, box.say)


def _examined(line: Line, answer: Any) -> dict[str, Any]:
    """What the page shows of the line's last examination; answer: of ``line_examinations``."""
    rows = answer["examinations"] if answer else []
    last = next((row for row in rows if row["line"] == line.name), None)
    error = last["error"] if last else None
    return {
        "line": line,
        "is_running": bool(last and last["is_running"]),
        "why_failed": box.say(UserError(error["key"], **error["params"])) if error else "",
        "findings": findings_of(last, language()),
        "proposed": proposals_of(last, language(), choices(box.settings()[1])),
    }


@page.post("/<path:name>/follow")
def follow(name: str) -> Answer:
    """Put in force what the doctor proposed."""
    line = _known(name)
    kind = line.kind.value
    typed = {key.removeprefix("set."): v for key, v in request.form.items() if key[:4] == "set."}
    changed = {key.partition(".")[0] for key in typed}
    held = entity_form.values_of(line, FIELDS[kind]).items()
    form = Form(values={k: v for k, v in held if k.partition(".")[0] not in changed} | typed)
    wanted = _with_line(box.settings()[1], name, kind, form)
    note = gettext("Line %(name)s as the line doctor proposed", name=name)
    if saving.keep(form, wanted, _finder(name, kind), str(note)) is None:
        return _page(form, kind, line)
    return redirect(url_for("lines.index", _anchor=f"line-{name}"))


@page.route("/messages", methods=["GET"])
def messages() -> str:
    """Short messages of the SIMs, the newest first."""
    return _messages(Form())


@page.post("/messages/send")
def send() -> Answer:
    """Send one: it costs money."""
    form = Form(values=request.form)
    asked: dict[str, Any] = {name: form.value(name).strip() for name in ("line", "number", "text")}
    try:
        box.ask("sms_send", timeout_s=60.0, **asked)
    except UserError as error:
        form.general.append(box.say(error))
        return _messages(form), 409
    detail = f"{asked['line']} {asked['number']}"
    parts().audit.note("sms_sent", account=visitor().name, address=address(), detail=detail)
    return redirect(url_for("lines.messages"))


def _index(form: Form) -> str:
    answer, why_not = box.try_asking("lines")
    return render_template("lines/index.html", form=form, why_not=why_not, **_context(answer))


def _fragments(answers: Answers) -> dict[str, Any]:
    return {"lines": render_template("lines/list.html", **_context(answers["lines"]))}


def _context(answer: Any) -> dict[str, Any]:
    document = box.settings()[1]
    states = {state.name: state for state in states_of(answer, language())}
    return {
        "rows": [
            (each, states.get(each.name), *ways.users_of(document, each.name))
            for each in document.lines
        ],
        "can_change": may(visitor().role, "lines.edit"),
        "has_messages": _sims(document) and may(visitor().role, "lines.messages"),
        "kind_of": {kind: word(LINE_KINDS, kind, language()) for kind in FIELDS},
    }


def _messages(form: Form) -> str:
    answer, why_not = box.try_asking("sms", limit=100)
    return render_template(
        "lines/messages.html",
        form=form,
        why_not=why_not,
        messages=answer["messages"] if answer else [],
        sims=_sims(box.settings()[1]),
        can_send=may(visitor().role, "lines.send"),
    )


def _page(form: Form, kind: str, line: Line | None = None) -> Answer:
    document = box.settings()[1]
    return saving.form_page(
        "lines/edit.html",
        form,
        line=line,
        kind=kind,
        title=line.name if line else word(LINE_KINDS, kind, language()),
        plain=entity_form.views("lines", PLAIN[kind], language(), choices(document)),
        more=entity_form.views("lines", MORE[kind], language(), choices(document)),
        is_more_open=any(name in form.errors for name in MORE[kind]),
    )


def _with_line(document: Document, was: str, kind: str, form: Form) -> Decoded:
    """The document with the line as the form says; rules and numbers follow its name."""
    data = to_data(document)
    before = next((row for row in data["lines"] if row["name"] == was), {"kind": kind})
    filled = entity_form.fill("lines", before, FIELDS[kind], form.values) | {"kind": kind}
    if was:
        data["lines"] = [filled if row["name"] == was else row for row in data["lines"]]
        data = ways.renamed(data, was, filled.get("name", ""))
    else:
        data["lines"] = [*data["lines"], filled]
        if kind != "fxs":  # calls leave by it when the ways before it fail
            data["rules"] = rules_with(data["rules"], str(filled.get("name", "")), "")
    return decode(data)


def _finder(name: str, kind: str) -> Any:
    return ways.finder("lines", name, FIELDS[kind])


def _sims(document: Document) -> list[str]:
    return [line.name for line in document.lines if line.kind.value == "cellular"]


def _known(name: str) -> Line:
    found: Line | None = collection.found(box.settings()[1], "lines", name)
    return found if found is not None else abort(404)
