"""``dozvon registrations [EXT]``: which phones can be called, and why the others cannot.

Owns nothing; asks the running daemon.
"""

from __future__ import annotations

import argparse
from typing import Any, TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.site import manner_of
from appliance.commands.table import table_lines
from appliance.commands.texts import DONE
from appliance.commands.words import REGISTRATION_COLUMNS, WORDS, phone_why
from appliance.errors import UserError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``registrations``."""
    parser = subparsers.add_parser(
        "registrations", help="which phones can be called, and why others cannot"
    )
    parser.add_argument("extension", nargs="?", default="", metavar="EXT", help="only this number")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Show phones; 0. Raises UserError, ``registrations.no_such_extension`` for a wrong EXT."""
    rows: list[dict[str, Any]] = ask(args, "registrations")["registrations"]
    if args.extension:
        rows = [row for row in rows if row["extension"] == args.extension]
        if not rows:
            raise UserError("registrations.no_such_extension", number=args.extension)
    if args.json:
        write_json({"registrations": rows}, out)
        return DONE
    language = manner_of(args.data, args.language).language
    if rows:
        cells = (_cells(row, language) for row in rows)
        write_lines(table_lines(REGISTRATION_COLUMNS, cells, language), out)
    else:
        write_lines([WORDS["no_extensions"].of(language)], out)
    return DONE


def _cells(row: dict[str, Any], language: str) -> tuple[object, ...]:
    return (
        row["extension"],
        row["name"],
        _reachable(row, language),
        row["source"],
        row["transport"],
        row["round_trip_ms"],
        row["expires_in_s"],
        row["user_agent"],
    )


def _reachable(row: dict[str, Any], language: str) -> str:
    if row["is_reachable"]:
        return WORDS["yes"].of(language)
    no = WORDS["no"].of(language)
    return f"{no}: {phone_why(row['why'], language)}" if row["why"] else no
