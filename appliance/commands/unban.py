"""``dozvon unban NAME``: forgive an address or an account. Owns nothing; asks the daemon."""

from __future__ import annotations

import argparse
from typing import TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.site import manner_of
from appliance.commands.texts import DONE
from appliance.commands.words import WORDS


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``unban``."""
    parser = subparsers.add_parser("unban", help="let an address or an account in again")
    parser.add_argument("name", metavar="NAME", help="address or number, see: dozvon bans")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Forgive; 0. Raises UserError ``unban.nothing`` where nothing was held against that name."""
    answer = ask(args, "unban", name=args.name)
    if args.json:
        write_json(answer, out)
    else:
        language = manner_of(args.data, args.language).language
        write_lines([WORDS["unbanned"].of(language).format(count=answer["lifted"])], out)
    return DONE
