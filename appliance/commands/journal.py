"""``dozvon journal``: the calls that ended, and one of them in full.

Owns nothing: reads state.db read-only, so it works whether or not the box runs. A row of the list
is a call; ``--call REF`` shows its legs, quality and the reasons of the decision.
"""

from __future__ import annotations

import argparse
import re
from datetime import datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import TextIO

from appliance.call.leg import Cause
from appliance.call.record import CallRecord
from appliance.commands.asking import write_json, write_lines
from appliance.commands.journal_report import full_lines, list_lines, to_data
from appliance.commands.site import manner_of
from appliance.commands.texts import DONE
from appliance.errors import UserError
from appliance.store.database import reading
from appliance.store.journal import JournalFilter, query

_SHOWN = 50
_AGO = re.compile(r"([0-9]{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``journal``."""
    parser = subparsers.add_parser(
        "journal",
        help="the calls that ended",
        description="The calls that ended, the latest first. TIME is 10:30 (today), 2026-03-02, "
        "2026-03-02T10:30, or how long ago: 30m, 2h, 7d.",
    )
    parser.add_argument(
        "--limit", type=_count, default=_SHOWN, metavar="N", help=f"rows ({_SHOWN})"
    )
    parser.add_argument("--since", default="", metavar="TIME", help="began at or after")
    parser.add_argument("--until", default="", metavar="TIME", help="began before")
    parser.add_argument("--number", default="", metavar="N", help="of either party, or dialled")
    parser.add_argument(
        "--result", default="", choices=[cause.value for cause in Cause], metavar="RESULT",
        help="how it ended: " + ", ".join(cause.value for cause in Cause),
    )  # fmt: skip
    parser.add_argument("--call", default="", metavar="REF", help="this call in full")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Show the rows; 0. Raises UserError ``journal.no_such_call``, ``journal.bad_time``."""
    manner = manner_of(args.data, args.language)
    now = datetime.now(manner.zone)
    wanted = JournalFilter(
        since=epoch_of("--since", args.since, now, manner.zone),
        until=epoch_of("--until", args.until, now, manner.zone),
        party=args.number,
        cause=args.result,
        call_ref=args.call,
    )
    records = _read(Path(args.data) / "state.db", wanted, args.limit)
    if args.call and not records:
        raise UserError("journal.no_such_call", call_ref=args.call)
    if args.json:
        write_json({"calls": [to_data(record, manner.language) for record in records]}, out)
    elif args.call:
        write_lines(full_lines(records[0], manner), out)
    else:
        write_lines(list_lines(records, manner), out)
    return DONE


def epoch_of(option: str, text: str, now: datetime, zone: tzinfo) -> float | None:
    """Epoch seconds of what a person wrote; None for nothing; UserError ``journal.bad_time``."""
    if not text:
        return None
    try:
        if ago := _AGO.fullmatch(text):
            return (now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})).timestamp()
        if "-" not in text:
            return datetime.combine(now.date(), time.fromisoformat(text), zone).timestamp()
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise UserError("journal.bad_time", option=option, value=text) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()


def _read(path: Path, wanted: JournalFilter, limit: int) -> list[CallRecord]:
    with reading(path) as database:
        return query(database, wanted, limit)


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError
    return count
