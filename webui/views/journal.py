"""The journal: calls that ended, filtered, a page at a time, and each of them in full with its why.

Owns nothing: it reads state.db beside the daemon, so that it works while the box is down. The list
is left by a cursor (start and name of the last call), so that new calls never shift a page.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    Response,
    abort,
    g,
    render_template,
    request,
    stream_with_context,
    url_for,
)

from appliance.call.leg import Cause
from appliance.call.record import CallRecord
from appliance.commands.words import DIRECTIONS, alert_text, party, word
from appliance.errors import StoreError
from appliance.routing.texts import say as say_reason
from appliance.routing.texts import say_cause
from appliance.store.database import reading
from appliance.store.journal import JournalFilter, query
from webui import box
from webui.forms import Form
from webui.i18n import gettext, language, moment
from webui.parts import parts
from webui.words import N_

page = Blueprint("journal", __name__, url_prefix="/journal")
SHOWN = 50
_EXPORTED_AT_ONCE = 500
_FIELDS = ("party", "direction", "result", "since", "until")
_LATEST = "9999-01-01"
_COLUMNS = (
    N_("Began"),
    N_("Way"),
    N_("From"),
    N_("Name"),
    N_("Dialled"),
    N_("Number"),
    N_("Answered by"),
    N_("Trunk"),
    N_("Talk, s"),
    N_("In all, s"),
    N_("Result"),
    N_("Call"),
)


@page.get("/")
def index() -> str | tuple[str, int]:
    """The list."""
    form = Form(values={name: request.args.get(name, "").strip() for name in _FIELDS})
    wanted = _wanted(form)
    rows, why_not = _read(wanted, SHOWN + 1, _cursor()) if form.is_sound else ([], "")
    older = _older(form, rows[SHOWN - 1]) if len(rows) > SHOWN else ""
    text = render_template(
        "journal/index.html",
        form=form,
        rows=rows[:SHOWN],
        why_not=why_not,
        older=older,
        is_filtered=any(form.values.values()),
        directions=[("", gettext("All"))]
        + [(key, said.of(language())) for key, said in DIRECTIONS.items()],
        results=[("", gettext("All"))] + [(c.value, say_cause(c, language())) for c in Cause],
        csv=url_for("journal.export", **_given(form)),
        words=_Words(),
    )
    return text if form.is_sound else (text, 422)


@page.get("/<call_ref>")
def call(call_ref: str) -> str:
    """One call: its legs, what was measured, and why it went that way."""
    rows, why_not = _read(JournalFilter(call_ref=call_ref), 1)
    if not rows and not why_not:
        abort(404)
    return render_template(
        "journal/call.html",
        call=rows[0] if rows else None,
        why_not=why_not,
        reasons=[say_reason(r, language()) for r in rows[0].reasons] if rows else [],
        alerts=[alert_text(key, language()) for key in rows[0].alerts] if rows else [],
        words=_Words(),
    )


@page.get("/calls.csv")
def export() -> Response:
    """The same calls for a spreadsheet: semicolons and a mark of UTF-8, as Excel wants them."""
    form = Form(values={name: request.args.get(name, "").strip() for name in _FIELDS})
    wanted = _wanted(form)
    rows, why_not = _read(wanted, _EXPORTED_AT_ONCE)
    if why_not or not form.is_sound:
        abort(503 if why_not else 400)
    name = f"journal-{datetime.fromtimestamp(g.now, _zone()):%Y-%m-%d}.csv"
    answer = Response(stream_with_context(_export(wanted, rows)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


class _Words:
    """How a row's keys are said, for templates."""

    def direction(self, key: str) -> str:
        return word(DIRECTIONS, key, language())

    def party(self, text: str) -> str:
        return party(text, language())

    def cause(self, cause: Cause | None) -> str:
        return say_cause(cause, language()) if cause else ""

    def state(self, call: CallRecord) -> str:
        """The colour of a result (kit.pill)."""
        if call.setup_s is not None:
            return "ok" if call.cause is Cause.NORMAL else "warn"
        is_quiet = call.cause in (Cause.CANCELLED, Cause.NO_ANSWER, Cause.BUSY, Cause.REJECTED)
        return "idle" if is_quiet else "bad"


# ---- what is asked for


def _wanted(form: Form) -> JournalFilter:
    """The filter; what cannot be read is noted beside its field."""
    return JournalFilter(
        party="".join(c for c in form.value("party") if c not in " -()"),
        direction=form.value("direction") if form.value("direction") in DIRECTIONS else "",
        cause=form.value("result") if form.value("result") in {c.value for c in Cause} else "",
        since=_day(form, "since", 0),
        until=_day(form, "until", 1),
    )


def _day(form: Form, name: str, days_later: int) -> float | None:
    """Epoch seconds of the beginning of a day in the office's zone."""
    text = form.value(name)
    if not text:
        return None
    try:
        day = date.fromisoformat(text[: len(_LATEST)]) + timedelta(days=days_later)
        return datetime.combine(day, time(), _zone()).timestamp()
    except (ValueError, OverflowError):
        form.add(name, gettext("This is no date. Write it as %(example)s.", example="2026-03-02"))
        return None


def _zone() -> ZoneInfo:
    return g.get("zone") or ZoneInfo("UTC")


def _cursor() -> tuple[float, str] | None:
    start, _, call_ref = request.args.get("before", "").partition(" ")
    try:
        return (float(start), call_ref) if call_ref else None
    except ValueError:
        return None


def _given(form: Form) -> dict[str, Any]:
    """The filter as a page's address carries it."""
    return {name: value for name, value in form.values.items() if value}


def _older(form: Form, last: CallRecord) -> str:
    """The address of the page after this one."""
    cursor = f"{last.started_at!r} {last.call_ref}"
    return url_for("journal.index", **_given(form), before=cursor)


def _read(
    wanted: JournalFilter, limit: int, before: tuple[float, str] | None = None
) -> tuple[list[CallRecord], str]:
    """(rows, why there are none): a box that never ran has no journal yet, which is no error."""
    path = parts().settings.data / "state.db"
    if not path.exists():
        return [], ""
    try:
        with reading(path) as database:
            return query(database, wanted, limit, before), ""
    except StoreError as error:
        return [], box.say(error)


# ---- CSV


def _export(wanted: JournalFilter, rows: list[CallRecord]) -> Iterator[bytes]:
    """Every call there is, some at a time: neither memory nor the first octet waits for all. Should
    the journal become unreadable on the way, the last line says that calls are missing."""
    yield "\ufeff".encode() + _as_csv([[str(gettext(name)) for name in _COLUMNS]])
    why_not = ""
    while rows:
        yield _as_csv(map(_csv_row, rows))
        last = rows[-1]
        rows, why_not = _read(wanted, _EXPORTED_AT_ONCE, (last.started_at, last.call_ref))
    if why_not:
        yield _as_csv([[why_not]])


def _as_csv(rows: Iterable[Iterable[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _csv_row(call: CallRecord) -> Iterator[str]:
    lang = language()
    values: Mapping[str, object] = {
        "began": moment(call.started_at),
        "way": word(DIRECTIONS, call.direction, lang),
        "from": call.caller,
        "name": call.caller_name,
        "dialled": call.dialled,
        "number": call.number,
        "answered": party(call.answered_by, lang) if call.answered_by else "",
        "trunk": call.trunk,
        "talk": round(call.talk_s),
        "total": round(call.total_s),
        "result": say_cause(call.cause, lang),
        "call": call.call_ref,
    }
    return (_harmless(str(value)) for value in values.values())


def _harmless(text: str) -> str:
    """A cell that a spreadsheet takes for text: a caller's name may begin like a formula."""
    is_formula = text[:1] in ("=", "+", "-", "@", "\t", "\r") and not text[1:].isdigit()
    return "'" + text if is_formula else text
