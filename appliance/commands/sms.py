"""``dozvon sms`` and ``dozvon sms send LINE NUMBER TEXT``: short messages of the box's SIMs.

Owns nothing; asks the running daemon.
"""

from __future__ import annotations

import argparse
from typing import Any, TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.line_words import LINE_WORDS, SMS_COLUMNS
from appliance.commands.site import Manner, manner_of
from appliance.commands.table import moment, table_lines
from appliance.commands.texts import DONE
from appliance.commands.words import word
from appliance.errors import UserError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``sms``."""
    parser = subparsers.add_parser(
        "sms", help="short messages of SIMs: read, or send LINE NUMBER TEXT", description=__doc__
    )
    parser.add_argument("words", nargs="*", metavar="send LINE NUMBER TEXT")
    parser.add_argument("--limit", type=int, default=50, help="how many are shown, the newest")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Show messages, or send one; 0. Raises UserError."""
    manner = manner_of(args.data, args.language)
    if args.words:
        return _send(args, manner, out)
    messages: list[dict[str, Any]] = ask(args, "sms", limit=args.limit)["messages"]
    if args.json:
        write_json({"messages": messages}, out)
    elif messages:
        cells = (_cells(message, manner) for message in messages)
        write_lines(table_lines(SMS_COLUMNS, cells, manner.language), out)
    else:
        write_lines([LINE_WORDS["no_messages"].of(manner.language)], out)
    return DONE


def _send(args: argparse.Namespace, manner: Manner, out: TextIO) -> int:
    if args.words[0] != "send" or len(args.words) < 4:
        raise UserError("sms.which")
    line, number, *words = args.words[1:]
    answer = ask(args, "sms_send", line=line, number=number, text=" ".join(words))
    if args.json:
        write_json(answer, out)
    else:
        text = LINE_WORDS["sms_sent"].of(manner.language)
        write_lines([text.format(reference=answer["reference"])], out)
    return DONE


def _cells(message: dict[str, Any], manner: Manner) -> tuple[object, ...]:
    return (
        moment(message["at"], manner.zone),
        message["line"],
        word(LINE_WORDS, message["direction"], manner.language),
        message["number"],
        message["text"],
    )
