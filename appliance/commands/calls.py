"""``dozvon calls [REF]``: who talks with whom now. Owns nothing; asks the running daemon."""

from __future__ import annotations

import argparse
from typing import Any, TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.site import manner_of
from appliance.commands.table import duration, table_lines
from appliance.commands.texts import DONE
from appliance.commands.words import CALL_COLUMNS, STATES, WORDS, party, word
from appliance.errors import UserError

_CALLED = ("dialled", "alive", "ringing")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``calls``."""
    parser = subparsers.add_parser("calls", help="who talks with whom now")
    parser.add_argument("call_ref", nargs="?", default="", metavar="REF", help="only this call")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Show live calls; 0. Raises UserError, ``calls.no_such_call`` when REF is not live."""
    rows: list[dict[str, Any]] = ask(args, "calls")["calls"]
    if args.call_ref:
        rows = [row for row in rows if row["call_ref"] == args.call_ref]
        if not rows:
            raise UserError("calls.no_such_call", call_ref=args.call_ref)
    if args.json:
        write_json({"calls": rows}, out)
        return DONE
    language = manner_of(args.data, args.language).language
    if rows:
        write_lines(table_lines(CALL_COLUMNS, (_cells(r, language) for r in rows), language), out)
    else:
        write_lines([WORDS["no_calls"].of(language)], out)
    return DONE


def _cells(row: dict[str, Any], language: str) -> tuple[object, ...]:
    return (
        row["call_ref"],
        word(STATES, row["state"], language),
        " ".join(filter(None, (row["caller"], row["caller_name"]))),
        row["dialled"],
        row["number"],
        ", ".join(party(name, language) for name in _others(row)),
        row["trunk"],
        duration(row["duration_s"]),
        duration(row["talk_s"]) if row["answered_by"] else "",
    )


def _others(row: dict[str, Any]) -> list[str]:
    """Who answered, else all who are being called."""
    if row["answered_by"]:
        return [row["answered_by"]]
    called = (g for g in row["legs"] if g["role"] == "terminating" and g["state"] in _CALLED)
    return list(dict.fromkeys(leg["party"] for leg in called))
