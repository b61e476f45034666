"""``dozvon explain NUMBER``: where a call would go and why, without making it.

Asks the running box over its control socket; when none runs, decides on config.db with every phone
registered and every trunk up, and says so. ``--samples`` shows how numbers are dialled in this
office. Exit codes: 0 the call goes (or samples are shown), 1 it is refused, 2 a mistaken question.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from datetime import datetime, time
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from appliance.commands.explain_words import HEADINGS, MISTAKES, WORDS
from appliance.commands.site import manner_of
from appliance.config.model import Document, NumberForm, Snapshot
from appliance.config.presets import make_snapshot
from appliance.config.store import ConfigStore
from appliance.errors import UserError
from appliance.net.control_client import call
from appliance.routing.decide import decide
from appliance.routing.decision import CallRequest, LiveState, Verdict
from appliance.routing.explain import to_data, to_lines
from appliance.routing.samples import Sample, samples
from appliance.routing.texts import say_kind

_TIMEOUT_S = 5.0
GOES, REFUSED, MISTAKEN = 0, 1, 2


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``explain`` with its own options; data, json and language are the caller's."""
    parser = subparsers.add_parser("explain", help="where a call would go, and why")
    parser.add_argument("number", nargs="?", default="", metavar="NUMBER", help="what is dialled")
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--from", dest="extension", default="", metavar="EXT", help="who calls")
    who.add_argument("--trunk", default="", metavar="NAME", help="a call that comes in by a trunk")
    parser.add_argument("--at", default="", metavar="TIME", help="HH:MM or YYYY-MM-DDTHH:MM")
    parser.add_argument("--samples", action="store_true", help="sample numbers of this office")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Explain a number or show the samples; the exit code. A broken box raises UserError."""
    try:
        return _run(args, out)
    except UserError as error:
        if error.key not in MISTAKES:
            raise
        language = manner_of(args.data, args.language).language
        text = MISTAKES[error.key].of(language).format_map(error.params)
        if args.json:
            _write_json({"error": {"key": error.key, "params": error.params, "text": text}}, out)
        else:
            _write((text,), out)
        return MISTAKEN


def _run(args: argparse.Namespace, out: TextIO) -> int:
    snapshot = _load(Path(args.data))
    language = args.language or snapshot.document.site.language
    if args.samples:
        _show_samples(samples(snapshot), args.json, language, out)
        return GOES
    if not args.number:
        raise UserError("explain.number_missing")
    extension = args.extension or ("" if args.trunk else _first_extension(snapshot.document))
    request = CallRequest(dialled=args.number, extension=extension, trunk=args.trunk)
    moment = _moment(args.at, ZoneInfo(snapshot.document.site.timezone))
    answer = _ask(Path(args.data), request, moment)
    is_live = answer is not None
    if answer is None:
        state = _all_is_well(snapshot.document)
        answer = to_data(decide(request, snapshot, state, moment), snapshot)
    answer |= {"from": extension, "trunk": args.trunk, "is_live": is_live}
    _show(answer, args.json, language, out)
    return REFUSED if answer["verdict"] == Verdict.REFUSE.value else GOES


def _load(folder: Path) -> Snapshot:
    path = folder / "config.db"
    if not path.exists():
        raise UserError("explain.no_configuration", path=str(path))
    store = ConfigStore(path)
    try:
        return make_snapshot(*store.load())
    finally:
        store.close()


def _ask(folder: Path, request: CallRequest, moment: datetime) -> dict[str, Any] | None:
    """The running box's answer; None when no box runs."""
    args = {
        "number": request.dialled,
        "from": request.extension,
        "trunk": request.trunk,
        "at": moment.isoformat(),
    }
    try:
        answer: dict[str, Any] = call(folder / "control.sock", "explain", args, _TIMEOUT_S)
    except UserError as error:
        if error.key == "control.not_running":
            return None
        raise
    return answer


def _first_extension(document: Document) -> str:
    """Whoever may call, when nobody was named."""
    number = next((e.number for e in document.extensions if e.is_enabled), "")
    if not number:
        raise UserError("explain.no_extension")
    return number


def _all_is_well(document: Document) -> LiveState:
    return LiveState(bindings={e.number: (e.number,) for e in document.extensions if e.is_enabled})


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """``HH:MM`` is today in the site's zone; a date without a zone is the site's; empty is now."""
    if not text:
        return datetime.now(zone)
    try:
        if "T" not in text and ":" in text and len(text) <= len("HH:MM:SS"):
            return datetime.combine(datetime.now(zone).date(), time.fromisoformat(text), zone)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UserError("explain.bad_time", at=text) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _show(answer: dict[str, Any], is_json: bool, language: str, out: TextIO) -> None:
    lines = to_lines(answer, language)
    if is_json:
        _write_json(answer | {"lines": lines}, out)
        return
    heading = [WORDS["trunk" if answer["trunk"] else "from"].of(language).format_map(answer)]
    if not answer["is_live"]:
        heading.append(WORDS["offline"].of(language))
    _write(heading + lines, out)


def _show_samples(rows: Iterable[Sample], is_json: bool, language: str, out: TextIO) -> None:
    if is_json:
        _write_json([_sample_data(row) for row in rows], out)
        return
    table = [HEADINGS.get(language, HEADINGS["en"])]
    for row in rows:
        kind = say_kind(row.kind, language) if row.kind else "-"
        forms = (row.forms.get(form.value, "") for form in NumberForm)
        table.append((row.requirement, row.dialled, kind, row.number, *forms))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    _write(("  ".join(map(str.ljust, line, widths)).rstrip() for line in table), out)


def _sample_data(row: Sample) -> dict[str, Any]:
    return {
        "requirement": row.requirement,
        "dialled": row.dialled,
        "kind": row.kind.value if row.kind else "",
        "number": row.number,
        "forms": row.forms,
    }


def _write(lines: Iterable[str], out: TextIO) -> None:
    out.writelines(line + "\n" for line in lines)


def _write_json(data: Any, out: TextIO) -> None:
    json.dump(data, out, ensure_ascii=False, indent=2)
    out.write("\n")
