"""``dozvon bans``: who is not answered, or not let in, and why. Owns nothing; asks the daemon."""

from __future__ import annotations

import argparse
from typing import Any, TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.site import Manner, manner_of
from appliance.commands.table import moment, table_lines
from appliance.commands.texts import DONE
from appliance.commands.words import BAN_COLUMNS, BAN_KINDS, WORDS, word


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``bans``."""
    subparsers.add_parser("bans", help="addresses and accounts that are shut out, and why")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Show bans; 0. Raises UserError."""
    answer = ask(args, "bans")
    if args.json:
        write_json(answer, out)
        return DONE
    manner = manner_of(args.data, args.language)
    if answer["bans"]:
        cells = (_cells(row, manner) for row in answer["bans"])
        write_lines(table_lines(BAN_COLUMNS, cells, manner.language), out)
    else:
        write_lines([WORDS["no_bans"].of(manner.language)], out)
    counts = answer["unanswered"]
    if any(counts.values()):
        write_lines([WORDS["unanswered"].of(manner.language).format(**counts)], out)
    return DONE


def _cells(row: dict[str, Any], manner: Manner) -> tuple[object, ...]:
    return (
        row["address"],
        row["account"],
        word(BAN_KINDS, row["kind"], manner.language),
        row["failures"],
        moment(row["since_at"], manner.zone),
        moment(row["until_at"], manner.zone),
    )
