"""Try a number: where a call would go and why, told by the function that routes live calls.

Owns nothing. The daemon answers with what it knows of phones and trunks; while it is down the same
function is asked here on the saved settings, as if every phone were registered.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, g, render_template, request, url_for

from appliance.config.model import DestinationKind, Document
from appliance.config.presets import make_snapshot
from appliance.errors import UserError
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest, LiveState, Verdict
from appliance.routing.explain import say_ending, say_step, to_data
from appliance.routing.samples import samples
from appliance.routing.texts import say_alert, say_key, say_kind, say_verdict
from webui import box
from webui.access import may
from webui.forms import Form
from webui.i18n import gettext, language
from webui.visitor import visitor

page = Blueprint("try_number", __name__, url_prefix="/try")
LONGEST = 128
_BY_TRUNK = "trunk "
_FIELDS = ("number", "who", "at")
_PILLS = {"route": "ok", "refuse": "bad", "more_digits": "idle"}
_SAMPLES = 6
_CLOSED_ABROAD = ("class.country_closed", "class.service_closed")
_COUNTRY_SIGNS = 5  # a plus and four digits find the country, and few others


@page.get("/")
def index() -> str | tuple[str, int]:
    """The question and, when there is one, its answer."""
    revision, document = box.settings()
    form = Form(values={name: request.args.get(name, "").strip() for name in _FIELDS})
    answer, is_live, note = None, True, ""
    if "number" in request.args:
        moment = _check(form)
        if form.is_sound:
            answer, is_live, note = _answer(form, moment, revision, document)
    text = render_template(
        "try_number/index.html",
        form=form,
        callers=_callers(document),
        answer=answer,
        told=_Told(answer) if answer else None,
        is_live=is_live,
        note=note,
        samples=_samples(revision, document),
    )
    return text if form.is_sound else (text, 422)


class _Told:
    """An answer in the reader's words. answer: as docs/control.md, ``explain``."""

    def __init__(self, answer: dict[str, Any]) -> None:
        lang = language()
        self.verdict = say_verdict(Verdict(answer["verdict"]), lang)
        self.pill = _PILLS[answer["verdict"]]
        self.kind = say_kind(DestinationKind(answer["kind"]), lang) if answer["kind"] else "—"
        self.steps = [say_step(step, lang) for step in answer["steps"]]
        self.ending = say_ending(answer, lang)
        self.reasons = [say_key(r["key"], r["params"], lang) for r in answer["reasons"]]
        self.alerts = [say_alert(key, lang) for key in answer["alerts"]]
        self.help = _help(answer)


def _help(answer: dict[str, Any]) -> tuple[str, str]:
    """(address of the page that opens what was refused, its text), empty when there is none."""
    if not may(visitor().role, "classes.edit"):
        return "", ""
    for reason in answer["reasons"]:
        name, key = reason["params"].get("class", ""), reason["key"]
        is_abroad = answer["kind"] == DestinationKind.INTERNATIONAL.value
        if key in _CLOSED_ABROAD or (key == "class.forbids" and is_abroad):
            start = answer["number"][:_COUNTRY_SIGNS]
            address = url_for("classes.countries", name=name, q=start)
            return address, str(gettext("Open this country"))
        if key == "class.forbids":
            return url_for("classes.edit", name=name), str(gettext("Kinds of calls and limits"))
    return "", ""


def _check(form: Form) -> datetime | None:
    """The moment that was asked for; what cannot be read is noted beside its field."""
    if not form.value("number"):
        form.add("number", gettext("Type what is dialled, for example %(sample)s.", sample="112"))
    if len(form.value("number")) > LONGEST:
        form.add("number", gettext("At most %(count)s signs.", count=LONGEST))
    if not form.value("who"):
        form.add("who", gettext("Choose who calls. Without extensions, add one first."))
    if not form.value("at"):
        return None
    try:
        moment = datetime.fromisoformat(form.value("at"))
        return moment if moment.tzinfo else moment.replace(tzinfo=_zone())
    except ValueError:
        example = "2026-03-02T10:30"
        form.add("at", gettext("This is no time. Write it as %(example)s.", example=example))
        return None


def _answer(
    form: Form, moment: datetime | None, revision: int, document: Document
) -> tuple[dict[str, Any] | None, bool, str]:
    """(answer, whether the daemon gave it, why not)."""
    who = form.value("who")
    trunk = who.removeprefix(_BY_TRUNK) if who.startswith(_BY_TRUNK) else ""
    extension = "" if trunk else who
    number = form.value("number")
    asked: dict[str, Any] = {"number": number, "from": extension, "trunk": trunk}
    try:
        answer = box.ask("explain", **asked, at=moment.isoformat() if moment else "")
        return answer, True, ""
    except UserError as error:
        if error.key != "control.not_running":
            return None, True, box.say(error)
    request_ = CallRequest(dialled=number, extension=extension, trunk=trunk)
    snapshot = make_snapshot(revision, document)
    registered = {e.number: (e.number,) for e in document.extensions if e.is_enabled}
    then = moment or datetime.fromtimestamp(g.now, _zone())
    decision = decide(request_, snapshot, LiveState(bindings=registered), then)
    return to_data(decision, snapshot), False, ""


def _callers(document: Document) -> list[tuple[str, str]]:
    inside = [(e.number, f"{e.number} {e.name}".strip()) for e in document.extensions]
    outside = [
        (_BY_TRUNK + t.name, gettext("From outside by trunk %(name)s", name=t.name))
        for t in document.trunks
    ]
    return inside + outside


def _samples(revision: int, document: Document) -> list[tuple[str, str, str]]:
    """(digits, what they mean, address that tries them) by the office's dial profile."""
    who = next((e.number for e in document.extensions if e.is_enabled), "")
    if not who:
        return []
    rows = samples(make_snapshot(revision, document))[-_SAMPLES:]
    return [
        (
            row.dialled,
            f"{say_kind(row.kind, language())}, {row.number}" if row.kind else "—",
            url_for("try_number.index", number=row.dialled, who=who),
        )
        for row in rows
    ]


def _zone() -> ZoneInfo:
    return g.get("zone") or ZoneInfo("UTC")
