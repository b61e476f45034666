"""``dozvon spending [EXT]``: who made how many paid calls this hour and today, and the limits.

Owns nothing; asks the running daemon.
"""

from __future__ import annotations

import argparse
from typing import Any, TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.site import manner_of
from appliance.commands.table import NOTHING, table_lines
from appliance.commands.texts import DONE
from appliance.commands.words import SPENDING_COLUMNS, WORDS
from appliance.errors import UserError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``spending``."""
    parser = subparsers.add_parser(
        "spending", help="paid calls of this hour and this day, and their limits"
    )
    parser.add_argument("extension", nargs="?", default="", metavar="EXT", help="only this one")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Show what was spent; 0. Raises UserError, ``spending.no_such_extension`` for a wrong EXT.

    Without EXT those who spent nothing are left out of the table (not of ``--json``).
    """
    answer = ask(args, "spending")
    rows: list[dict[str, Any]] = answer["spending"]
    if args.extension:
        rows = [row for row in rows if row["extension"] == args.extension]
        if not rows:
            raise UserError("spending.no_such_extension", extension=args.extension)
    if args.json:
        write_json({**answer, "spending": rows}, out)
        return DONE
    language = manner_of(args.data, args.language).language
    shown = [row for row in rows if args.extension or _has_spent(row)]
    if shown:
        write_lines(table_lines(SPENDING_COLUMNS, map(_cells, shown), language), out)
    else:
        write_lines([WORDS["nothing_spent"].of(language)], out)
    box = answer["box"]
    limit = _limit(box["max_calls_per_hour"])
    write_lines([WORDS["box_spent"].of(language).format(**{**box, "limit": limit})], out)
    return DONE


def _has_spent(row: dict[str, Any]) -> bool:
    return bool(row["calls"] or row["calls_last_hour"] or row["minutes_today"])


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    return (
        row["extension"],
        row["name"],
        row["class_of_service"],
        f"{row['calls']}/{_limit(row['max_calls'])}",
        f"{row['calls_last_hour']}/{_limit(row['max_calls_per_hour'])}",
        f"{row['minutes_today']:g}/{_limit(row['max_minutes_per_day'])}",
        _limit(row["max_call_minutes"]),
    )


def _limit(limit: int) -> str:
    return str(limit) if limit else NOTHING
