"""``dozvon hangup REF | --all``: end a live call. Owns nothing; asks the running daemon."""

from __future__ import annotations

import argparse
from typing import TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.site import manner_of
from appliance.commands.texts import DONE
from appliance.commands.words import WORDS
from appliance.errors import UserError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``hangup``."""
    parser = subparsers.add_parser("hangup", help="end a call that goes on")
    parser.add_argument("call_ref", nargs="?", default="", metavar="REF", help="see: dozvon calls")
    parser.add_argument("--all", action="store_true", help="end every call")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """End it; 0. Raises UserError ``hangup.no_such_call``, or ``hangup.which`` when asked amiss."""
    if bool(args.call_ref) == args.all:
        raise UserError("hangup.which")
    answer = ask(args, "hangup", **({"all": True} if args.all else {"call_ref": args.call_ref}))
    if args.json:
        write_json(answer, out)
    else:
        language = manner_of(args.data, args.language).language
        write_lines([WORDS["ended"].of(language).format(count=answer["ended"])], out)
    return DONE
