"""``dozvon lines [NAME]``: wires and SIMs, how they are, and why some cannot be used.

Owns nothing; asks the running daemon. A simulated line can be played: ``dozvon lines lift NAME``,
``dial``, ``flash``, ``hangup``, and ``ring`` for a city line that somebody calls. ``dozvon lines
doctor NAME`` examines a free city line; with ``--call NUMBER`` it calls that number, too.
"""

from __future__ import annotations

import argparse
from typing import Any, TextIO

from appliance.commands.asking import ask, write_json, write_lines
from appliance.commands.line_doctor_words import doctor_lines
from appliance.commands.line_words import LINE_COLUMNS, LINE_KINDS, LINE_WORDS, line_state
from appliance.commands.site import Manner, manner_of
from appliance.commands.table import moment, table_lines
from appliance.commands.texts import DONE
from appliance.commands.words import word
from appliance.errors import UserError

_HANDS = ("lift", "dial", "flash", "hangup", "ring")
_DOCTOR_S = 60.0
_OPERATIONS = {"hangup": "line_hang_up"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register ``lines``."""
    text = "telephones on wires, city lines and SIMs"
    parser = subparsers.add_parser("lines", help=text, description=__doc__)
    parser.add_argument("words", nargs="*", metavar="NAME | ACTION NAME [NUMBER]")
    parser.add_argument("--call", metavar="NUMBER", default="", help="doctor: call it, too")
    parser.add_argument("--pulses", action="store_true", help="dial as a rotary telephone does")


def run(args: argparse.Namespace, out: TextIO) -> int:
    """Show lines, or play a simulated one; 0. Raises UserError."""
    if args.words and args.words[0] in _HANDS:
        return _play(args, out)
    if args.words and args.words[0] == "doctor":
        return _examine(args, out)
    if len(args.words) > 1:
        raise UserError("line.which")
    given = {"line": args.words[0]} if args.words else {}
    rows: list[dict[str, Any]] = ask(args, "lines", **given)["lines"]
    if args.json:
        write_json({"lines": rows}, out)
        return DONE
    manner = manner_of(args.data, args.language)
    if rows:
        cells = (_cells(row, manner) for row in rows)
        write_lines(table_lines(LINE_COLUMNS, cells, manner.language), out)
    else:
        write_lines([LINE_WORDS["no_lines"].of(manner.language)], out)
    return DONE


def _examine(args: argparse.Namespace, out: TextIO) -> int:
    if len(args.words) != 2:
        raise UserError("line.which")
    given = {"line": args.words[1]} | ({"call": args.call} if args.call else {})
    answer = ask(args, "line_doctor", timeout_s=_DOCTOR_S, **given)
    if args.json:
        write_json(answer, out)
    else:
        language = manner_of(args.data, args.language).language
        write_lines(doctor_lines(answer, language), out)
    return DONE


def _play(args: argparse.Namespace, out: TextIO) -> int:
    action, *given = args.words
    needs = 2 if action == "dial" else 1
    most = 2 if action in ("dial", "ring") else 1
    if not needs <= len(given) <= most:
        raise UserError("line.which")
    asked: dict[str, Any] = {"line": given[0]}
    if len(given) > 1:
        asked["digits" if action == "dial" else "number"] = given[1]
    if args.pulses:
        asked["by_pulses"] = True
    answer = ask(args, _OPERATIONS.get(action, f"line_{action}"), **asked)
    if args.json:
        write_json(answer, out)
    else:
        language = manner_of(args.data, args.language).language
        write_lines([f"{answer['line']}: {line_state(answer['state'], '', language)}"], out)
    return DONE


def _cells(row: dict[str, Any], manner: Manner) -> tuple[object, ...]:
    audio = row["audio"] or {}
    return (
        row["name"],
        word(LINE_KINDS, row["kind"], manner.language),
        f"{row['device'].partition('?')[0]} {row['port']}",
        row["extension"],
        row["number"],
        line_state(row["state"], row["why"], manner.language),
        f"{row['caller']} {row['caller_name']}".strip(),
        moment(row["called_at"], manner.zone),
        _level(audio.get("level_in_dbm0")),
        _level(audio.get("level_out_dbm0")),
    )


def _level(dbm0: float | None) -> object:
    return None if dbm0 is None else f"{dbm0:.0f}"
