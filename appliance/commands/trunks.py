"""``dozvon trunks [NAME]``: which ways out work, and why others do not.

Owns nothing; asks the running daemon.
"""

from __future__ import annotations

import argparse
from typing import Any, TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.site import Manner, manner_of
from appliance.commands.table import moment, table_lines
from appliance.commands.texts import DONE
from appliance.commands.words import TRUNK_COLUMNS, WORDS, trunk_text
from appliance.errors import UserError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``trunks``."""
    parser = subparsers.add_parser("trunks", help="which trunks work, and why others do not")
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="only this trunk")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Show trunks; 0. Raises UserError, ``trunks.no_such_trunk`` for a wrong NAME."""
    rows: list[dict[str, Any]] = ask(args, "trunks")["trunks"]
    if args.name:
        rows = [row for row in rows if row["name"] == args.name]
        if not rows:
            raise UserError("trunks.no_such_trunk", name=args.name)
    if args.json:
        write_json({"trunks": rows}, out)
        return DONE
    manner = manner_of(args.data, args.language)
    if rows:
        cells = (_cells(row, manner) for row in rows)
        write_lines(table_lines(TRUNK_COLUMNS, cells, manner.language), out)
    else:
        write_lines([WORDS["no_trunks"].of(manner.language)], out)
    return DONE


def _cells(row: dict[str, Any], manner: Manner) -> tuple[object, ...]:
    state = trunk_text(row["state"], row["why"], manner.language)
    return (
        row["name"],
        row["host"],
        f"{state} ({row['status']})" if row["status"] else state,
        f"{row['calls']}/{row['max_calls']}" if row["max_calls"] else row["calls"],
        row["round_trip_ms"],
        row["expires_in_s"],
        moment(row["changed_at"], manner.zone),
    )
